"""``review-apply``: labels typed into the queue go to the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from mmskin_build.errors import ConfigError

if TYPE_CHECKING:
    from mmskin_build.review.apply import Applied
    from mmskin_build.review.kinds import Kind

LISTED = 20
QUEUES = "Which queue: modality, annotated or sensitive"
LOOPBACK = "127.0.0.1"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(review)
    app.command("review-apply")(review_apply)


def review(
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8765,
    reviewer: Annotated[str, typer.Option(help="Who decides. [your login name]")] = "",
    build_dir: Annotated[Path, typer.Option("--build-dir", help="Folder of all artefacts.")] = Path(
        "build"
    ),
) -> None:
    """Open the local review page over build/review/modality.csv (stop with Ctrl-C)."""
    import getpass

    import uvicorn

    from mmskin_build.review.server import create_app

    name = reviewer.strip() or getpass.getuser()
    app = create_app(build_dir, name)
    _refuse_busy(port)
    Console(soft_wrap=True, highlight=False).print(
        f"review page for {name}: http://127.0.0.1:{port}/ (stop with Ctrl-C)", markup=False
    )
    uvicorn.run(app, host=LOOPBACK, port=port, log_level="warning", server_header=False)


def _refuse_busy(port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as fault:
            raise ConfigError(
                f"port {port} cannot be used ({fault.strerror}); give another with --port"
            ) from fault


def review_apply(
    file: Annotated[Path, typer.Argument(help="The edited queue, e.g. build/review/modality.csv.")],
    reviewer: Annotated[
        str, typer.Option(help="Who decided, for rows whose reviewer cell is empty.")
    ] = "",
    queue: Annotated[
        str, typer.Option(help=f"{QUEUES}. [told by the start of the file name, else modality]")
    ] = "",
    manifests: Annotated[Path, typer.Option(help="Folder of people's decisions.")] = Path(
        "manifests"
    ),
    build_dir: Annotated[Path, typer.Option("--build-dir", help="Folder of all artefacts.")] = Path(
        "build"
    ),
) -> None:
    """Check the labels typed into FILE and add them to manifests/reviews/."""
    from mmskin_build.review.apply import Request, apply_file
    from mmskin_build.review.known_pairs import picture_digests

    kind = _kind(queue, file)
    request = Request(file, manifests, reviewer.strip(), _today(), kind)
    _tell(apply_file(request, picture_digests(build_dir)))


def _today() -> str:
    import datetime

    return datetime.datetime.now(tz=datetime.UTC).date().isoformat()


def _kind(queue: str, file: Path) -> Kind:
    """Return the queue a person named, or the one the file's name tells."""
    from mmskin_build.review.kinds import KINDS, kind_of_file

    if queue and queue not in KINDS:
        raise ConfigError(f"--queue {queue!r}: the queues are {', '.join(KINDS)}")
    return KINDS[queue] if queue else kind_of_file(file.stem)


def _tell(result: Applied) -> None:
    out = Console(soft_wrap=True, highlight=False)
    where = f" to {result.path.parent}" if result.path else ""
    out.print(
        f"{result.added} decisions added{where}, {result.known} were known, "
        f"{result.undecided} rows are undecided",
        markup=False,
    )
    if result.disagreements:
        out.print("reviewers disagree on (these stay in the queue):", markup=False)
        for pair_id in result.disagreements[:LISTED]:
            out.print(f"  {pair_id}", markup=False)
        if len(result.disagreements) > LISTED:
            out.print(f"  … and {len(result.disagreements) - LISTED} more", markup=False)
    if result.added:
        out.print("the next build applies them: make build-dataset", markup=False)
