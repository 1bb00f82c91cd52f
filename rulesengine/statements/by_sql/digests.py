"""Digests of what a run folder holds: a run that continues it knows by them that nothing was changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rulesengine.statements.heading import digest

_THREADS = 2


def digests_of_files(run: Path) -> dict[str, str]:
    """Return the SHA-256 of every Parquet file of a run folder, by its name in there.

    Raises:
        OSError: a file cannot be read.
    """
    files = sorted(file for file in run.rglob("*.parquet") if file.is_file())
    with ThreadPoolExecutor(_THREADS) as threads:
        found = threads.map(_sha256, files)
        return {file.relative_to(run).as_posix(): told for file, told in zip(files, found, strict=True)}


def digest_of_json(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document, however it is laid out."""
    return digest(json.dumps(document, sort_keys=True))


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
