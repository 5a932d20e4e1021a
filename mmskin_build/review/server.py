"""The local review page: one person, one machine, loopback only."""

from __future__ import annotations

import secrets
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
from mmskin_build.review.kinds import MODALITY
from mmskin_build.review.queue_store import Filter, QueueStore
from mmskin_build.review.thumbnails import is_digest, make_thumbnail

PAGE_ROWS = 200  # the most rows one answer holds
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
STATIC = {"review.js": "text/javascript", "review.css": "text/css"}
SHOWN_AS_IS = {".png": "image/png", ".jpg": "image/jpeg"}


class Decisions(BaseModel):
    """Labels for pairs, '' to undo; one note for all, None to leave notes alone."""

    labels: dict[str, str] = Field(max_length=PAGE_ROWS)
    note: str | None = Field(default=None, max_length=2000)


class Desk:
    """What the routes share: the queue, the pictures, who reviews, and the token."""

    def __init__(self, build_dir: Path, reviewer: str) -> None:
        """Open the queue of a build."""
        self.queue = QueueStore(build_dir)
        self.store = ImageStore(build_dir / "images")
        self.reviewer = reviewer
        self.token = secrets.token_urlsafe(32)

    def digest(self, pair_id: str) -> str:
        """Return the picture of a queued pair."""
        row = self.queue.row(pair_id)
        if row is None:
            raise HTTPException(404, "no such pair in the queue")
        if not is_digest(row["image_digest"]):
            raise HTTPException(404, "the queue names no picture for this pair")
        return row["image_digest"]


def create_app(build_dir: Path, reviewer: str) -> FastAPI:
    """Return the application for one build folder; raises ReviewError without a queue."""
    desk = Desk(build_dir, reviewer)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.token = desk.token
    app.middleware("http")(_guard(desk))
    app.exception_handler(ReviewError)(_refused)
    _add_page(app, desk)
    _add_pictures(app, desk)
    _add_queue(app, desk)
    return app


async def _refused(request: Request, fault: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(fault)}, status_code=409, headers=HEADERS)


def _guard(desk: Desk) -> Callable[..., Awaitable[Response]]:
    """Return a check of host, origin and token that runs before any route."""

    async def check(request: Request, follow: Callable[[Request], Awaitable[Response]]) -> Response:
        fault = _fault(request, desk.token)
        response = JSONResponse({"detail": fault}, 403) if fault else await follow(request)
        response.headers.update(HEADERS)
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
        return HTMLResponse(
            template.render(token=desk.token, reviewer=desk.reviewer, labels=MODALITY.labels)
        )

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(404, "no such file")
        return Response((folder / name).read_bytes(), media_type=STATIC[name])


def _add_pictures(app: FastAPI, desk: Desk) -> None:
    @app.get("/picture/{pair_id:path}")
    def picture(pair_id: str) -> Response:
        try:
            path = desk.store.path(desk.digest(pair_id))
        except FileNotFoundError as fault:
            raise HTTPException(404, "the picture is gone; build again") from fault
        if path.suffix in SHOWN_AS_IS:
            return Response(path.read_bytes(), media_type=SHOWN_AS_IS[path.suffix])
        return Response(_as_png(path.read_bytes()), media_type="image/png")

    @app.get("/thumbnail/{pair_id:path}")
    def thumbnail(pair_id: str) -> Response:
        name = make_thumbnail(desk.store, desk.digest(pair_id), desk.queue.folder)
        if not name:
            raise HTTPException(404, "the picture is gone; build again")
        return Response((desk.queue.folder / name).read_bytes(), media_type="image/jpeg")


def _as_png(data: bytes) -> bytes:
    import cv2

    from mmskin_build.modality.working_image import decode

    image = decode(data)
    if image is None:
        raise HTTPException(404, "the picture cannot be read")
    return bytes(cv2.imencode(".png", image)[1].tobytes())


def _filter(source: str = "", reason: str = "", label: str = "", state: str = "") -> Filter:
    return Filter(source, reason, label, state)


def _add_queue(app: FastAPI, desk: Desk) -> None:
    @app.get("/api/queue")
    def queue(
        wanted: Annotated[Filter, Depends(_filter)],
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_ROWS)] = 60,
    ) -> dict[str, Any]:
        rows = desk.queue.select(wanted)
        return {"total": len(rows), "offset": offset, "rows": rows[offset : offset + limit]}

    @app.get("/api/facets")
    def facets() -> dict[str, Any]:
        found = desk.queue.facets()
        return {name: getattr(found, name) for name in found.__slots__}

    @app.post("/api/decide")
    def decide(decisions: Decisions) -> dict[str, int]:
        desk.queue.decide(decisions.labels, desk.reviewer, decisions.note)
        return {"saved": len(decisions.labels)}
