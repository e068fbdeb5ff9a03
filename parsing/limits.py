"""How much time, memory and size a document may take."""

from dataclasses import dataclass

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """For one document. `seconds` bounds wall time and CPU time alike; sizes are bytes."""

    seconds: float = 30.0
    address_space: int = GIB
    characters: int = 500_000  # over a hundred pages
    unpacked: int = 200 * MIB  # all parts of a DOCX, which is a ZIP file, together


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """For one ZIP archive. `seconds` bounds the wait for each member; `cpu_seconds` all of them together.

    `ratio` (unpacked over packed size) is looked at only beyond `ratio_floor` bytes: short repetitive text
    packs a hundredfold quite innocently.
    """

    seconds: float = 30.0
    cpu_seconds: float = 300.0
    address_space: int = GIB
    members: int = 10_000
    member_size: int = 50 * MIB
    total_size: int = 2 * GIB
    ratio: float = 100.0
    ratio_floor: int = 25 * MIB
