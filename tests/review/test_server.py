from __future__ import annotations

import csv
import io
import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from review_library import Library
from skin import skin

from mmskin_build.errors import ReviewError
from mmskin_build.images import ImageStore
from mmskin_build.review.queue_store import Filter, QueueStore
from mmskin_build.review.server import create_app
from mmskin_build.screening.marks import find_marks
from mmskin_build.screening.preview import edited_png

HOST = "http://127.0.0.1:8765"


@dataclass
class Browser:
    library: Library
    client: TestClient
    token: str

    def decide(self, labels: dict[str, str], **headers: str) -> Response:
        sent = {"X-Review-Token": self.token, **headers}
        return self.client.post("/api/decide", json={"labels": labels}, headers=sent)

    @property
    def path(self) -> Path:
        return self.library.build / "review" / "modality.csv"

    def on_disk(self) -> dict[str, dict[str, str]]:
        text = self.path.read_text(encoding="utf-8-sig")
        return {r["pair_id"]: r for r in csv.DictReader(io.StringIO(text, newline=""))}


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    library = Library(tmp_path, 5)
    library.caption("p0", "<b>bold</b> =1+1")
    library.queue()
    app = create_app(library.build, "Ada", edited_png)
    return Browser(library, TestClient(app, base_url=HOST), app.state.token)


def test_the_page_names_the_command_that_applies_these_decisions(browser: Browser) -> None:
    page = browser.client.get("/").text
    build = browser.library.build
    assert f"review-apply {build.as_posix()}/review/" in page
    assert f"--build-dir {build}</code>" in page


def test_page_comes_with_a_strict_policy_and_no_outside_address(browser: Browser) -> None:
    answer = browser.client.get("/")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    for name in ("/", "/static/review.js", "/static/draw.js", "/static/review.css"):
        text = browser.client.get(name).text
        assert "http://" not in text
        assert "https://" not in text
        assert "innerHTML" not in text


def test_decision_is_on_disk_when_the_answer_comes(browser: Browser) -> None:
    assert browser.decide({"p1": "pathology"}).json()["saved"] == 1
    row = browser.on_disk()["p1"]
    assert (row["label"], row["reviewer"]) == ("pathology", "Ada")


def test_undo(browser: Browser) -> None:
    browser.decide({"p1": "pathology"})
    browser.decide({"p1": ""})
    assert (browser.on_disk()["p1"]["label"], browser.on_disk()["p1"]["reviewer"]) == ("", "")


def test_a_page_of_sure_ones_at_once(browser: Browser) -> None:
    browser.decide({"p0": "clinical", "p2": "exclude"})
    assert {k: r["label"] for k, r in browser.on_disk().items() if r["label"]} == {
        "p0": "clinical",
        "p2": "exclude",
    }


@pytest.mark.parametrize("labels", [{"p0": "skin"}, {"p0": "other", "p99": "other"}])
def test_bad_decisions_change_nothing(browser: Browser, labels: dict[str, str]) -> None:
    before = browser.path.read_bytes()
    assert browser.decide(labels).status_code == 409
    assert browser.path.read_bytes() == before


def test_edits_in_a_spreadsheet_are_seen_and_kept(browser: Browser) -> None:
    browser.client.get("/api/queue")
    rows = list(browser.on_disk().values())
    for row in rows:
        row["mine"] = "extra"
    rows[1]["label"], rows[1]["reviewer"] = "other", "Grace"
    with browser.path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    browser.decide({rows[2]["pair_id"]: "clinical"})
    after = browser.on_disk()
    assert after[rows[1]["pair_id"]]["label"] == "other"
    assert after[rows[2]["pair_id"]]["label"] == "clinical"
    assert {r["mine"] for r in after.values()} == {"extra"}


def test_another_persons_label_is_not_overwritten(browser: Browser) -> None:
    browser.decide({"p1": "pathology"})
    other = create_app(browser.library.build, "Grace")
    client = TestClient(other, base_url=HOST)
    answer = client.post(
        "/api/decide",
        json={"labels": {"p1": "other"}},
        headers={"X-Review-Token": other.state.token},
    )
    assert answer.status_code == 409
    assert "Ada labelled 'p1' pathology" in answer.json()["detail"]


def test_filters_and_paging(browser: Browser) -> None:
    browser.decide({"p1": "pathology"})
    get = browser.client.get
    assert get("/api/queue?state=done").json()["total"] == 1
    page = get("/api/queue?state=open&offset=2&limit=2").json()
    assert (page["total"], [r["pair_id"] for r in page["rows"]]) == (4, ["p3", "p4"])
    assert get("/api/queue?reason=audit sample").json()["total"] == 0
    assert get("/api/facets").json()["done"] == 1
    assert get("/api/queue?limit=100000").status_code == 422


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8765", "10.0.0.1:8765"])
def test_other_host_names_are_turned_away(browser: Browser, host: str) -> None:
    assert browser.client.get("/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"X-Review-Token": "guess"}, {"Origin": "http://evil.example"}]
)
def test_posts_from_elsewhere_are_turned_away(browser: Browser, headers: dict[str, str]) -> None:
    assert browser.decide({"p1": "other"}, **headers).status_code == 403
    assert browser.on_disk()["p1"]["label"] == ""


def test_pictures_and_thumbnails(browser: Browser) -> None:
    assert browser.client.get("/picture/p0").headers["content-type"] == "image/png"
    assert browser.client.get("/thumbnail/p0").headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    "path",
    [
        "/picture/..%2f..%2ftables%2fpairs.parquet",
        "/static/..%2freview.html",
        "/static/server.py",
        "/thumbnail/p99",
        "/picture/../../etc/passwd",
        "/edited/..%2f..%2ftables%2fpairs.parquet?how=mask",
    ],
)
def test_no_path_leads_out_of_the_store(browser: Browser, path: str) -> None:
    assert browser.client.get(path).status_code == 404


def test_a_digest_in_the_file_cannot_name_a_path(browser: Browser) -> None:
    text = browser.path.read_text(encoding="utf-8-sig")
    digest = browser.library.digests["p0"]
    browser.path.write_text(text.replace(digest, "../../tables/pairs"), encoding="utf-8-sig")
    assert browser.client.get("/picture/p0").status_code == 404
    assert browser.client.get("/thumbnail/p0").status_code == 404


def test_the_queues_of_marks_and_modality_are_kept_apart(browser: Browser) -> None:
    browser.library.findings()
    labels = {"kind": "annotated", "labels": {"p1": "mask"}}
    headers = {"X-Review-Token": browser.token}
    answer = browser.client.post("/api/decide", json=labels, headers=headers).json()
    assert answer["tabs"] == {"modality": [0, 5], "annotated": [1, 3]}
    assert browser.on_disk()["p1"]["label"] == ""
    text = browser.path.with_name("annotated.csv").read_text(encoding="utf-8-sig")
    rows = {r["pair_id"]: r["label"] for r in csv.DictReader(io.StringIO(text, newline=""))}
    assert rows == {"p0": "", "p1": "mask", "p2": ""}
    labels["labels"] = {"p1": "clinical"}
    assert browser.client.post("/api/decide", json=labels, headers=headers).status_code == 409


def test_a_queue_that_is_not_there_is_not_found(browser: Browser) -> None:
    assert browser.client.get("/api/queue?kind=sensitive").status_code == 404
    assert browser.client.get("/api/queue?kind=../modality").status_code == 404


def test_the_whole_caption_and_the_pictures_that_look_alike(browser: Browser) -> None:
    browser.library.vote()
    found = browser.client.get("/api/details/p2").json()
    assert found["caption"] == "A plaque."
    assert [n["pair_id"] for n in found["neighbours"]] == ["p1", "p3", "p0", "p4"]
    assert found["neighbours"][0]["label"] == "clinical"


def test_without_sketches_there_are_no_look_alikes(browser: Browser) -> None:
    assert browser.client.get("/api/details/p2").json()["neighbours"] == []


def test_a_preview_shows_the_picture_without_its_marks(browser: Browser) -> None:
    image = cv2.resize(skin(3), (480, 360))
    cv2.arrowedLine(image, (60, 60), (150, 120), (0, 0, 0), 6, tipLength=0.35)
    data = cv2.imencode(".png", image)[1].tobytes()
    digest = ImageStore(browser.library.build / "images").put(data, ".png")
    text = browser.path.read_text(encoding="utf-8-sig")
    text = text.replace(browser.library.digests["p0"], digest)
    browser.path.write_text(text, encoding="utf-8-sig")
    answer = browser.client.get("/edited/p0?how=mask")
    shown = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert find_marks(image).score > 0.5 > find_marks(shown).score
    assert browser.client.get("/edited/p1?how=mask").status_code == 404
    assert browser.client.get("/edited/p0?how=blur").status_code == 422


def test_no_queue_no_page(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="stages build"):
        create_app(tmp_path, "Ada")


def test_twenty_thousand_rows_are_paged(tmp_path: Path) -> None:
    from mmskin_build.review.queue_csv import COLUMNS
    from mmskin_build.review.spreadsheet import encode, write_atomically

    row = dict.fromkeys(COLUMNS, "x") | {"label": "", "reviewer": ""}
    rows = [[f"p{i}" if c == "pair_id" else row[c] for c in COLUMNS] for i in range(20000)]
    write_atomically(tmp_path / "review" / "modality.csv", encode(COLUMNS, rows))
    store = QueueStore(tmp_path)
    store.decide({"p19999": "other"}, "Ada")
    assert len(store.select(Filter(state="open"))) == 19999
    assert QueueStore(tmp_path).row("p19999") == store.row("p19999")


def test_two_pages_over_one_queue_lose_no_decision(tmp_path: Path) -> None:
    library = Library(tmp_path, 40)
    library.queue()

    def decide(start: int) -> None:
        store = QueueStore(library.build)
        for number in range(start, 40, 4):
            store.decide({f"p{number}": "other"}, f"reviewer {start}")

    pages = [threading.Thread(target=decide, args=(start,)) for start in range(4)]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    assert all(row["label"] == "other" for row in QueueStore(library.build).select(Filter()))


def test_to_open_the_page_and_list_its_rows_reads_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path, 40)
    library.queue()

    def refuse(self: ImageStore, digest: str) -> bytes:
        raise AssertionError("a picture was read that nobody looks at")

    monkeypatch.setattr(ImageStore, "read", refuse)
    monkeypatch.setattr(ImageStore, "path", refuse)
    client = TestClient(create_app(library.build, "Ada"), base_url=HOST)
    assert client.get("/").status_code == 200
    found = client.get("/api/queue?limit=30").json()
    assert (found["total"], len(found["rows"])) == (40, 30)
