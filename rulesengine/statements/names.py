"""File names: safe on every file system, and the same in every run on every machine."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

_SAFE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_OTHERS = re.compile(r"[^a-z0-9]+")
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")


def statement_file(payee_kind: str, payee: str) -> str:
    """Return the path of a payee's statements inside a run folder, without an ending.

    A key of lower-case letters, digits, `_` and `-` is its own name. Any other becomes what is
    left of it in such letters, a point and a hash of the key, so that no two payees share a file, not even
    where a file system ignores case.
    """
    if _SAFE.fullmatch(payee) and not _DEVICES.fullmatch(payee):
        return f"statements/{payee_kind}/{payee}"
    plain = payee
    if not payee.isascii():
        plain = unicodedata.normalize("NFKD", payee).encode("ascii", "ignore").decode()
    readable = _OTHERS.sub("-", plain.lower()).strip("-")[:40] or "payee"
    mark = hashlib.sha256(payee.encode()).hexdigest()[:10]
    return f"statements/{payee_kind}/{readable}.{mark}"


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Return each path relative to the deepest folder that holds all of them.

    Where a plan lies on the machine that ran it must not show in what it wrote.
    """
    paths = list(paths)
    folders = [PurePosixPath(path).parent.as_posix() for path in paths]
    common = os.path.commonpath(folders) if folders else ""
    return {path: PurePosixPath(path).relative_to(common or ".").as_posix() for path in paths}
