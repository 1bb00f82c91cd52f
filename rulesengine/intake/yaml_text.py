"""YAML whose scalars stay text: `1.10` is no float, `no` is no flag, 2026-01-31 is no date."""

from __future__ import annotations

from typing import Any

from rulesengine.model.quick_dataclass import dataclass

_STANDARD = "tag:yaml.org,2002:"
_NULL = _STANDARD + "null"


class YamlProblem(Exception):
    """Text that is not the YAML we read; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        self.message = message
        self.line = line
        self.column = column
        super().__init__(f"line {line}: {message}")


@dataclass(frozen=True, slots=True)
class YamlText:
    """What a YAML text holds, and where each part of it stands."""

    content: Any
    """dict, list, str or None; an empty or `null` scalar is None."""
    places: dict[tuple[str | int, ...], tuple[int, int]]
    """Line and column of each entry, by its path of keys and indexes."""

    def place(self, path: tuple[str | int, ...]) -> tuple[int, int]:
        """Return where a path stands, or its nearest ancestor that is there."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def load_text(text: str, *, with_places: bool = False) -> YamlText:
    """Read one YAML document with the safe loader's syntax and text scalars only.

    Raises:
        YamlProblem: not YAML, a key that occurs twice, or a tag such as `!!python`.
    """
    import yaml

    # The C parser is ten times faster; the Python one words its problems the same on every machine.
    parser = yaml.SafeLoader if with_places else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = parser(text)
    try:
        node = loader.get_single_node()
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlProblem(getattr(error, "problem", None) or "unreadable", line, column) from None
    except RecursionError:
        raise YamlProblem("too deeply nested", 1, 1) from None
    finally:
        loader.dispose()
    walk = _Walk({} if with_places else None, {})
    content = walk.content_of(node, ()) if node is not None else None
    return YamlText(content, walk.places or {})


_Path = tuple[str | int, ...]
_OPEN = object()


@dataclass(frozen=True, slots=True)
class _Walk:
    """Turns nodes into plain values."""

    places: dict[_Path, tuple[int, int]] | None
    done: dict[int, Any]
    """Each node's value: an alias is walked once, however often and deep it is used."""

    def content_of(self, node: Any, path: _Path) -> Any:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if self.places is not None:
            self.places.setdefault(path, (line, column))
        if node.id == "scalar" and node.tag.startswith(_STANDARD):
            return None if node.tag == _NULL and node.style is None else node.value
        if node.tag not in (_STANDARD + "map", _STANDARD + "seq"):
            raise YamlProblem(f"the tag `{node.tag}` is not read", line, column)
        known = self.done.setdefault(id(node), _OPEN)
        if known is not _OPEN:
            return known
        if len(path) > 50:
            raise YamlProblem("an alias that holds itself, or lists nested too deep", line, column)
        if node.id == "sequence":
            value: Any = [self.content_of(child, (*path, at)) for at, child in enumerate(node.value)]
        else:
            value = self.record_of(node, path)
        self.done[id(node)] = value
        return value

    def record_of(self, node: Any, path: _Path) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for key, value in node.value:
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            if key.id != "scalar":
                raise YamlProblem("a key must be a text", line, column)
            if key.value in record:
                raise YamlProblem(f"`{key.value}` occurs twice", line, column)
            if self.places is not None:
                self.places[(*path, key.value)] = (line, column)
            record[key.value] = self.content_of(value, (*path, key.value))
        return record
