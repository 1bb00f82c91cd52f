"""What a run may take of the machine."""

from __future__ import annotations

from pathlib import Path

from rulesengine.model.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Memory, threads and temporary files of a run; what is not given is chosen for the machine."""

    memory: str = ""
    """`512MB`, `4GB`."""
    threads: int | None = None
    temp: Path | None = None
    """Folder for temporary files; beside what is written if not given."""
