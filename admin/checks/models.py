"""Packs: whether this machine has whole what new screenings begin with and those in progress hold."""

from collections.abc import Iterator

from admin.checks.case import Case, Finding
from db import condition, packs
from db.engine import system_session
from scoring.packs import PackError, find_pack


def current(case: Case) -> Iterator[Finding]:
    """Current versions: registered, here, with the files and settings that were registered."""
    known = packs.deployed_packs()
    if missing := sorted(set(packs.SCORING) - {pack.name for pack in known}):
        yield Finding(
            f"No version of {', '.join(missing)} is current: screenings are refused.", "Run `winnow packs register`."
        )
    for pack in known:
        yield from _whole(case, pack)


def in_use(case: Case) -> Iterator[Finding]:
    """Versions that screenings in progress hold: a worker without them leaves those screenings alone."""
    with system_session() as session:
        used = condition.packs_in_use(session)
    for name, version in sorted(used):
        if not (case.packs / name / version).is_dir() and not case.fetches_packs:
            yield Finding(
                f"A screening in progress is scored with {name} {version}, which is not in {case.packs}.",
                "Put it back, or set WINNOW_FETCH_PACKS=1 for the workers if it came from a hub.",
            )


def _whole(case: Case, pack: packs.PackVersion) -> Iterator[Finding]:
    there = case.packs / pack.name / pack.version
    if not there.is_dir() and case.fetches_packs and pack.source:
        return
    try:
        manifest = find_pack(case.packs, pack.name, pack.version).manifest
    except PackError as error:
        do = f"Put {there} back as it was, from the program or by `winnow packs fetch`; workers load nothing of it."
        yield Finding(f"The current {pack.name} {pack.version} is not fit for use here: {error}.", do)
        return
    if not packs.is_as_registered(pack, manifest):
        do = "Put it back as it was. A changed pack needs a version of its own: `winnow packs register`, then promote."
        yield Finding(f"The manifest of {there} differs from the one that was registered.", do)
