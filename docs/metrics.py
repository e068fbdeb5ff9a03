"""Writes the table of metrics of OPERATIONS.md: what each process serves, asked of its own modules.

`python docs/metrics.py` rewrites it; with --check it only tells whether it is up to date, with --json it prints what it
found.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "OPERATIONS.md"
BEGIN, END = "<!-- metrics: written by docs/metrics.py -->\n", "<!-- end of metrics -->"
PROCESSES = {
    "api": "api.__main__, api.app",
    "relay": "workers.relay",
    "screen": "workers.screen",
    "parse": "workers.parse",
    "interactive": "workers.interactive",
    "deliver": "workers.deliver",
}
# A family without any series yet has no labels to read, so they are read from what declares it.
_ASK = """
import json, {modules}
from prometheus_client import REGISTRY
told = {{}}
for declared in set(REGISTRY._names_to_collectors.values()):
    for family in declared.describe() if hasattr(declared, "_labelnames") else []:
        name = family.name + ("_total" if family.type == "counter" else "")
        told[name] = [family.type, list(declared._labelnames), family.documentation]
print(json.dumps(told))
"""

Told = dict[str, tuple[str, list[str], str]]


def served() -> dict[str, Told]:
    """Of every process: the type, the labels and the meaning of each metric of ours."""
    asked = {
        process: subprocess.Popen(
            [sys.executable, "-c", _ASK.format(modules=modules)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for process, modules in PROCESSES.items()
    }
    return {process: json.loads(child.communicate()[0]) for process, child in asked.items()}


def lines(by_process: dict[str, Told]) -> Iterator[str]:
    """The table, a metric a line, by name."""
    yield "| metric | type | labels | served by | what |"
    yield "|---|---|---|---|---|"
    for name in sorted({name for told in by_process.values() for name in told}):
        processes = [process for process, told in by_process.items() if name in told]
        kind, labels, meaning = by_process[processes[0]][name]
        shown = ", ".join(f"`{label}`" for label in labels) or "-"
        by = "all" if len(processes) == len(PROCESSES) else ", ".join(processes)
        yield f"| `{name}` | {kind} | {shown} | {by} | {meaning} |"


def page() -> str:
    """OPERATIONS.md with the table as it should read."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}" + "\n".join(lines(served())) + f"\n{END}{after}"


if __name__ == "__main__":
    if "--json" in sys.argv:
        print(json.dumps(served()))
    elif "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    else:
        PAGE.write_text(page(), encoding="utf-8")
