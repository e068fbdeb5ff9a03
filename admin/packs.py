"""`winnow packs`: the models of a deployment, listed, checked, built, fetched, promoted and rolled back.

Modules of the server are imported where they are used: `winnow` starts often, and most of its commands need none.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table

from admin import deployment
from admin.told import told
from client.commands.talk import Columns, cell
from client.errors import WinnowError

app = typer.Typer(no_args_is_help=True)

HERE = Path(__file__).resolve().parents[1] / "packs"
Root = Annotated[
    Path, typer.Option("--root", envvar="WINNOW_PACKS", show_envvar=True, help="The folder of packs, NAME/VERSION/.")
]
Name = Annotated[str, typer.Argument(help="A pack's name, such as match.")]
Version = Annotated[str, typer.Argument(help="A version, such as 2.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def register(winnow: typer.Typer) -> None:
    """Add the commands to `winnow`."""
    winnow.add_typer(app, name="packs")


@app.callback()
def packs() -> None:
    """Model packs: list, show, verify, build, fetch, promote, roll back."""
    deployment.find()


@app.command("list")
def list_packs(root: Root = HERE, as_json: AsJson = False) -> None:
    """List the packs of this machine, and what the deployment at DATABASE_OWNER_URL begins new screenings with."""
    with told("worker"):
        from admin.shelf import registered, shelf

        rows = shelf(root, registered())
    columns = {
        "name": lambda row: row.name,
        "version": lambda row: row.version,
        "kind": lambda row: row.kind,
        "size": lambda row: f"{row.size:,}" if row.size is not None else "not here",
        "current": lambda row: row.current,
    }
    _table(rows, columns, as_json)


@app.command()
def show(name: Name, version: Annotated[str | None, typer.Argument()] = None, root: Root = HERE) -> None:
    """Show a pack's model card as Markdown; of the newest version here, unless one is named."""
    with told("worker"):
        from admin.shelf import folders
        from scoring.cards import render
        from scoring.packs import load_pack

        found = folders(root, name, version)
        if not found:
            raise WinnowError("no_pack", f"{root} holds no pack {name} {version or ''}".rstrip())
        typer.echo(render(load_pack(root / name / found[-1][1]).manifest), nl=False)


@app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="Only this pack.")] = None,
    version: Annotated[str | None, typer.Argument(help="Only this version.")] = None,
    root: Root = HERE,
    as_json: AsJson = False,
) -> None:
    """Check every sha256, that nothing else lies beside, that the models load and that the model card is whole."""
    with told("worker"):
        from admin.shelf import folders
        from scoring.verify import faults

        found = folders(root, name, version)
        checked = {f"{pack} {number}": faults(root, pack, number) for pack, number in found}
    if as_json:
        typer.echo(to_json(checked, indent=2))
    else:
        for pack, wrong in checked.items():
            typer.echo(f"{pack}: {'; '.join(wrong) if wrong else 'ok'}")
    if any(checked.values()) or not checked:
        bad = [pack for pack, wrong in checked.items() if wrong]
        raise WinnowError("bad_pack", f"Not fit for use: {', '.join(bad)}" if bad else f"{root} holds no such pack")


@app.command()
def build(
    name: Name,
    data: Annotated[Path, typer.Option("--data", help="The folder with the public data sets.", exists=True)],
    version: Annotated[str, typer.Option(help="The version to make.")],
    root: Root = HERE,
    runs: Annotated[Path, typer.Option(help="Checkpoints, logs and curves.")] = Path("runs"),
) -> None:
    """Make a pack by its recipe. Stopped, the same command goes on from the last checkpoint."""
    with told("train"):
        from training.builds import RECIPES, command

        if name not in RECIPES:
            raise WinnowError("no_recipe", f"There is no recipe for {name}", f"There are {', '.join(RECIPES)}.")
        line = command(name, version, data.resolve(), root.resolve(), runs.resolve())
        done = subprocess.run(line, check=False, cwd=HERE.parent)  # where its `training` is the one that is found
    if done.returncode != 0:
        raise WinnowError("build_failed", f"The recipe of {name} ended with {done.returncode}", "See above.")


@app.command()
def fetch(
    url: Annotated[str, typer.Argument(help="https://HOST/OWNER/REPO/resolve/COMMIT/FOLDER")],
    sha256: Annotated[
        str | None, typer.Option(help="Of manifest.json; needed where the revision is no commit.")
    ] = None,
    root: Root = HERE,
) -> None:
    """Fetch a pack from a model hub; broken off, the same command goes on where it was."""
    with told("worker"):
        from workers.hub import Hub
        from workers.settings import hub_hosts

        directory = Hub(root, hub_hosts()).fetch(url, sha256)
    typer.echo(f"{directory}\nNext: winnow packs register, then winnow packs promote NAME VERSION")


@app.command("register")
def register_packs(root: Root = HERE) -> None:
    """Make the packs of this machine known to the deployment; the first version of a name becomes current."""
    with told("api"):
        from db import admin_packs

        added = admin_packs.register(root)
    for name, version in added:
        typer.echo(f"registered {name} {version}")


@app.command()
def promote(name: Name, version: Version) -> None:
    """Let new screenings begin with a version, at once; those that run keep theirs."""
    with told("api"):
        from db import admin_packs

        changed = admin_packs.promote(name, version)
    typer.echo(f"{name} {version} is current" + ("" if changed else ", as it was"))


@app.command()
def rollback(name: Name) -> None:
    """Let new screenings begin with the version that was current before, at once."""
    with told("api"):
        from db import admin_packs

        typer.echo(f"{name} {admin_packs.rollback(name)} is current")


@app.command()
def history(name: Name, as_json: AsJson = False) -> None:
    """Show when versions were promoted and rolled back, and by whom."""
    with told("api"):
        from db import admin_packs

        rows = admin_packs.history(name)
    columns = {
        "version": lambda row: row.version,
        "promoted": lambda row: row.released_at,
        "by": lambda row: row.released_by,
        "withdrawn": lambda row: row.withdrawn_at,
        "withdrawn_by": lambda row: row.withdrawn_by,
    }
    _table(rows, columns, as_json)


@app.command()
def delete(name: Name, version: Version) -> None:
    """Forget a version that is neither current nor in use; its files stay until you remove them."""
    with told("api"):
        from db import admin_packs

        admin_packs.delete(name, version)
    typer.echo(f"{name} {version} is forgotten; remove its folder, or the next register finds it again")


def _table(rows: Iterable[Any], columns: Columns[Any], as_json: bool) -> None:
    if as_json:
        typer.echo(to_json([{name: of(row) for name, of in columns.items()} for row in rows], indent=2))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(cell(of(row)) for of in columns.values()))
    Console().print(table)
