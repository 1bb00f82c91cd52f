"""`dataclass` for frozen classes with slots, of which every command loads some hundreds.

The standard one writes and compiles six methods a class, used or not. Here the methods that say the
same of every class (compare, hash, show and refuse to change the fields) are shared, and
`__init__` is written when a class makes its first value: classes load in an eighth of the time, and
a value is filled before it is frozen (twin.py), which makes it in a third of the time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from rulesengine.model.twin import has_twin, twin_of

if TYPE_CHECKING:
    # So that the type checker knows the fields; what is made below behaves the same.
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen, slots, kw_only=False, eq=True):
        """Return a decorator like the standard one, for frozen classes with slots."""
        assert frozen and slots
        standard = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)

        def decorate(cls):
            assert not hasattr(cls, "__post_init__")
            cls.__doc__ = cls.__doc__ or cls.__name__  # the standard one would work out a signature
            made = standard(cls)
            made.__init__ = _first_init
            made.__setattr__, made.__delattr__ = _no_change, _no_removal
            made.__repr__ = _shown
            if eq:
                made.__eq__, made.__hash__ = _equals, _hash
            made.__getstate__, made.__setstate__ = _state, _restore
            return made

        return decorate


def _first_init(self: Any, *positional: Any, **named: Any) -> None:
    """Write the `__init__` of a class, which stands in this one's place from then on, and call it."""
    kind = type(self)
    kind.__init__ = _init_of(kind)
    kind.__init__(self, *positional, **named)


def _init_of(kind: Any) -> Any:
    """Return a function that sets each field: as those of its twin, else by its slot."""
    known: dict[str, Any] = {}
    parameters, named, body = ["self"], list[str](), list[str]()
    if has_twin(kind):
        known |= {"_open_up": object.__setattr__, "_Open": twin_of(kind), "_Frozen": kind}
        body.append("    _open_up(self, '__class__', _Open)")
    for field in fields(kind):
        name = field.name
        parameter, value = name, name
        if field.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"], known["_unset"] = field.default_factory, dataclasses.MISSING
            parameter = f"{name}=_unset"
            value = f"_make_{name}() if {name} is _unset else {name}"
        (named if field.kw_only else parameters).append(parameter)
        if has_twin(kind):
            body.append(f"    self.{name} = {value}")
        else:
            known[f"_set_{name}"] = _slot(kind, name).__set__
            body.append(f"    _set_{name}(self, {value})")
    if has_twin(kind):
        body.append("    self.__class__ = _Frozen")
    if named:
        parameters += ["*", *named]
    text = "\n".join([f"def __init__({', '.join(parameters)}):", *body, "    pass"])
    exec(text, known)
    made = known["__init__"]
    made.__qualname__ = f"{kind.__qualname__}.__init__"
    return made


def _slot(kind: type[Any], name: str) -> Any:
    """Return the slot of a field, which the class has itself or from the one it is built on."""
    return next(vars(each)[name] for each in kind.__mro__ if name in vars(each))


@cache
def _contents(kind: Any) -> Callable[[Any], Any]:
    """Return what reads all fields of a class at once."""
    names = [field.name for field in fields(kind)]
    return attrgetter(*names) if names else lambda _: ()


def _equals(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    kind: Any = self.__class__
    read = _contents(kind)
    return read(self) == read(other)


def _hash(self: Any) -> int:
    kind: Any = self.__class__
    return hash(_contents(kind)(self))


def _shown(self: Any) -> str:
    contents = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
    return f"{type(self).__qualname__}({contents})"


def _no_change(_: Any, name: str, __: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_removal(_: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> tuple[object, ...]:
    return tuple(getattr(self, field.name) for field in fields(self))


def _restore(self: Any, state: tuple[object, ...]) -> None:
    for field, content in zip(fields(self), state, strict=True):
        object.__setattr__(self, field.name, content)
