"""The local review page: one person, one machine, loopback only."""

from __future__ import annotations

import dataclasses
import secrets
import shlex
from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, select_autoescape
from pydantic import BaseModel, Field

from mmskin_build.errors import ReviewError
from mmskin_build.images import ImageStore
from mmskin_build.review.kinds import KINDS, MODALITY
from mmskin_build.review.look_alikes import LookAlikes
from mmskin_build.review.queue_csv import FOLDER
from mmskin_build.review.queue_store import Filter, QueueStore
from mmskin_build.review.show import picture_of
from mmskin_build.review.thumbnails import is_digest, make_thumbnail

PAGE_ROWS = 200  # the most rows one answer holds
Preview = Callable[[Path, str], bytes]  # of a picture and 'mask' or 'crop': PNG, b'' for none
HOSTS = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STATIC = {
    "review.js": "text/javascript",
    "draw.js": "text/javascript",
    "review.css": "text/css",
}


class Decisions(BaseModel):
    """Labels for pairs, '' to undo; one note for all, None to leave notes alone."""

    kind: str = MODALITY.name
    labels: dict[str, str] = Field(max_length=PAGE_ROWS)
    note: str | None = Field(default=None, max_length=2000)


class Desk:
    """What the routes share: the queues, the pictures, who reviews, and the token."""

    def __init__(self, build_dir: Path, reviewer: str) -> None:
        """Open the queues of a build; raises ReviewError when there is none."""
        self.build_dir = build_dir
        self.folder = build_dir / FOLDER
        self.store = ImageStore(build_dir / "images")
        self.library = LookAlikes(build_dir)
        self.reviewer = reviewer
        self.token = secrets.token_urlsafe(32)
        self._queues: dict[str, QueueStore] = {}
        if not self.open_kinds():
            QueueStore(build_dir)  # says what is missing

    @property
    def apply_options(self) -> str:
        """What ``review-apply`` must be told besides the file, to be copied from the page."""
        return (
            ""
            if self.build_dir == Path("build")
            else f" --build-dir {shlex.quote(str(self.build_dir))}"
        )

    def open_kinds(self) -> dict[str, QueueStore]:
        """Return the queues whose files are there, by name."""
        for name, kind in KINDS.items():
            if name not in self._queues and (self.folder / kind.file).is_file():
                self._queues[name] = QueueStore(self.build_dir, kind)
        return self._queues

    def queue(self, kind: str) -> QueueStore:
        """Return one queue."""
        found = self.open_kinds().get(kind)
        if found is None:
            raise HTTPException(404, "no such queue; build up to the filter stage first")
        return found

    def digest(self, pair_id: str) -> str:
        """Return the picture of a pair that is queued or in the build."""
        for queue in self.open_kinds().values():
            row = queue.row(pair_id)
            if row is not None and not is_digest(row["image_digest"]):
                raise HTTPException(404, "the queue names no picture for this pair")
            if row is not None:
                return row["image_digest"]
        known = self.library.known(pair_id)
        if known is None or not known.image_digest:
            raise HTTPException(404, "no such pair")
        return known.image_digest


def create_app(build_dir: Path, reviewer: str, preview: Preview = lambda *_: b"") -> FastAPI:
    """Return the application for one build folder; raises ReviewError without a queue.

    ``preview`` shows a picture as it would be released without its marks.
    """
    desk = Desk(build_dir, reviewer)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.token = desk.token
    app.middleware("http")(_guard(desk))
    app.exception_handler(ReviewError)(_refused)
    _add_page(app, desk)
    _add_pictures(app, desk, preview)
    _add_queue(app, desk)
    return app


async def _refused(request: Request, fault: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(fault)}, status_code=409, headers=HEADERS)


def _guard(desk: Desk) -> Callable[..., Awaitable[Response]]:
    """Return a check of host, origin and token that runs before any route."""

    async def check(request: Request, follow: Callable[[Request], Awaitable[Response]]) -> Response:
        fault = _fault(request, desk.token)
        response = JSONResponse({"detail": fault}, 403) if fault else await follow(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return check


def _fault(request: Request, token: str) -> str:
    """Return why a request is turned away, or ''."""
    host = request.headers.get("host", "")
    if host.rpartition(":")[0] not in HOSTS and host not in HOSTS:
        return "open this page as http://127.0.0.1"
    if request.method in ("GET", "HEAD"):
        return ""
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "the request comes from another site"
    sent = request.headers.get("x-review-token", "")
    if not secrets.compare_digest(sent.encode(), token.encode()):
        return "the page is out of date; reload it"
    return ""


def _add_page(app: FastAPI, desk: Desk) -> None:
    folder = resources.files("mmskin_build.review") / "page"
    template = Environment(autoescape=select_autoescape(default=True)).from_string(
        (folder / "review.html").read_text(encoding="utf-8")
    )

    @app.get("/")
    def page() -> HTMLResponse:
        kinds = [KINDS[name] for name in KINDS if name in desk.open_kinds()]
        return HTMLResponse(
            template.render(
                token=desk.token,
                reviewer=desk.reviewer,
                kinds=kinds,
                folder=shlex.quote(desk.folder.as_posix()),
                options=desk.apply_options,
            )
        )

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(404, "no such file")
        return Response((folder / name).read_bytes(), media_type=STATIC[name])


def _add_pictures(app: FastAPI, desk: Desk, preview: Preview) -> None:
    # A picture is named by its digest: what a browser keeps of it never goes stale.
    kept = {"Cache-Control": "private, max-age=3600"}

    @app.get("/picture/{pair_id:path}")
    def picture(pair_id: str) -> Response:
        data, kind = picture_of(_path(desk, pair_id))
        return Response(data, media_type=kind, headers=kept)

    @app.get("/edited/{pair_id:path}")
    def edited(pair_id: str, how: Annotated[str, Query(pattern="^(mask|crop)$")]) -> Response:
        data = preview(_path(desk, pair_id), how)
        if not data:
            raise HTTPException(404, "the marks cannot be taken out that way")
        return Response(data, media_type="image/png")

    @app.get("/thumbnail/{pair_id:path}")
    def thumbnail(pair_id: str) -> Response:
        name = make_thumbnail(desk.store, desk.digest(pair_id), desk.folder)
        if not name:
            raise HTTPException(404, "the picture is gone; build again")
        data = (desk.folder / name).read_bytes()
        return Response(data, media_type="image/jpeg", headers=kept)


def _path(desk: Desk, pair_id: str) -> Path:
    try:
        return desk.store.path(desk.digest(pair_id))
    except FileNotFoundError as fault:
        raise HTTPException(404, "the picture is gone; build again") from fault


def _filter(source: str = "", reason: str = "", label: str = "", state: str = "") -> Filter:
    return Filter(source, reason, label, state)


def _add_queue(app: FastAPI, desk: Desk) -> None:
    @app.get("/api/queue")
    def queue(
        wanted: Annotated[Filter, Depends(_filter)],
        kind: str = MODALITY.name,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_ROWS)] = 60,
    ) -> dict[str, Any]:
        total, rows = desk.queue(kind).page(wanted, offset, limit)
        return {"total": total, "offset": offset, "rows": rows}

    @app.get("/api/facets")
    def facets(kind: str = MODALITY.name) -> dict[str, Any]:
        return _facets(desk, kind)

    @app.get("/api/details/{pair_id:path}")
    def details(pair_id: str) -> dict[str, Any]:
        known = desk.library.known(pair_id)
        near = desk.library.of(pair_id)
        return {
            "caption": known.caption if known else "",
            "neighbours": [dataclasses.asdict(other) for other in near],
        }

    @app.post("/api/decide")
    def decide(decisions: Decisions) -> dict[str, Any]:
        desk.queue(decisions.kind).decide(decisions.labels, desk.reviewer, decisions.note)
        return {"saved": len(decisions.labels), **_facets(desk, decisions.kind)}


def _facets(desk: Desk, kind: str) -> dict[str, Any]:
    found = dataclasses.asdict(desk.queue(kind).facets())
    counts = {name: queue.progress() for name, queue in desk.open_kinds().items()}
    return {**found, "tabs": counts}
