"""``review-apply``: labels typed into the queue go to the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from mmskin_build.errors import ConfigError
from stages.options import BuildDir, Manifests
from stages.session import MANIFESTS

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
    app.command("review-export")(review_export)
    app.command("review-import")(review_import)


def review(
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8765,
    reviewer: Annotated[str, typer.Option(help="Who decides. [your login name]")] = "",
    build_dir: BuildDir = Path("build"),
) -> None:
    """Open the review queues of a build as a local web page (stop with Ctrl-C)."""
    import getpass

    import uvicorn

    from mmskin_build.review.server import create_app

    def preview(path: Path, how: str) -> bytes:
        from mmskin_build.screening.preview import edited_png  # heavy, and not always asked for

        return edited_png(path, how)

    name = reviewer.strip() or getpass.getuser()
    app = create_app(build_dir, name, preview)
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
    manifests: Manifests = MANIFESTS,
    build_dir: BuildDir = Path("build"),
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


def review_export(
    queue: Annotated[str, typer.Option(help=f"{QUEUES}.")] = "modality",
    format_: Annotated[str, typer.Option("--format", help="label-studio.")] = "label-studio",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Task file. [build/review/QUEUE.tasks.json]"),
    ] = None,
    build_dir: BuildDir = Path("build"),
) -> None:
    """Write the undecided pictures of a queue as tasks for Label Studio."""
    from mmskin_build.review.label_studio import export_tasks

    _check_format(format_)
    kind = _kind(queue, Path())
    target = output or build_dir / "review" / f"{kind.name}.tasks.json"
    tasks, interface, count = export_tasks(build_dir, kind, target)
    out = Console(soft_wrap=True, highlight=False)
    out.print(f"{count} tasks in {tasks}, the labelling interface in {interface}", markup=False)
    out.print(
        "start Label Studio with LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true "
        f"LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={build_dir.resolve()}",
        markup=False,
    )


def _check_format(name: str) -> None:
    if name != "label-studio":
        raise ConfigError(f"--format {name!r}: the only format is label-studio")


def review_import(
    file: Annotated[Path, typer.Argument(help="JSON or JSON-MIN export of Label Studio.")],
    reviewer: Annotated[
        list[str] | None,
        typer.Option(help="NUMBER=NAME or EMAIL=NAME: who an annotator is; may be given often."),
    ] = None,
    manifests: Manifests = MANIFESTS,
    build_dir: BuildDir = Path("build"),
) -> None:
    """Check the annotations of Label Studio in FILE and add them to manifests/reviews/."""
    from mmskin_build.review.apply import Request, apply_table
    from mmskin_build.review.known_pairs import picture_digests
    from mmskin_build.review.label_studio import read_annotations

    kind, table = read_annotations(file, _names(reviewer or []))
    request = Request(file, manifests, "", _today(), kind, unit="task")
    _tell(apply_table(request, table, picture_digests(build_dir)))


def _names(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    wrong = [text for text, (who, _, name) in zip(given, pairs, strict=True) if not (who and name)]
    if wrong:
        raise ConfigError(f"--reviewer {wrong[0]!r} is not of the form NUMBER=NAME or EMAIL=NAME")
    return {who.strip(): name.strip() for who, _, name in pairs}
