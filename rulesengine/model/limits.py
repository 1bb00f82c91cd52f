"""What a run may take of the machine."""

from __future__ import annotations

import re
from pathlib import Path

from rulesengine.model.quick_dataclass import dataclass

_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded|max_temp_directory_size", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Memory, threads and temporary files of a run; what is not given is chosen for the machine."""

    memory: str = ""
    """`512MB`, `4GB`."""
    threads: int | None = None
    temp: Path | None = None
    """Folder for temporary files; beside what is written if not given."""


def says_no_space(error: Exception) -> bool:
    """Whether an error of DuckDB is about a disk that is full, or what a run may take of one."""
    return _NO_SPACE.search(str(error)) is not None
