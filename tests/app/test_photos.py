"""Photos of stops: nothing rides along, nothing explodes, nobody sees those of others."""

import hashlib
import io
import os
import struct
import zlib
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from PIL import Image, PngImagePlugin
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.access import Caller
from app.backup import read_manifest, restore_backup, write_backup
from app.backup_errors import BadBackup
from app.db import connect, migrate, transaction
from app.lifecycle import Step, take_step
from app.models import Plan, PlanStop, Role, StopPhoto
from app.photo_errors import BadPhoto, PhotoTooEarly, PhotoTooLarge
from app.photo_files import picture_path, write_picture
from app.photos import add_photo, photo_ids, photo_rows, photos_for_letters
from app.pictures import MAX_BYTES, clean
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, slug
from tests.app.people import let_in
from tests.app.team_week import PLAN, make_week, make_week_in_east

URL = f"/api/v1/plans/{PLAN}/photos"
STOP = {"team": "A", "day": "2026-11-30", "order": "1"}
PLACE = b"GPSSECRET"
XMP = b"<x:xmpmeta>exif:GPSLatitude=GPSSECRET</x:xmpmeta>"


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), colour: str = "red") -> bytes:
    """Make a photo that tells in every way it can where it was taken."""
    image, exif = Image.new("RGB", size, colour), Image.Exif()
    exif[0x010F] = "GPSSECRET telephone"
    exif[0x0112] = 6  # the camera was held upright: turn it by a quarter
    exif.get_ifd(0x8825).update({1: "S", 2: (2.0, 30.0, 0.0), 29: "2026:11:30"})
    written, more = io.BytesIO(), {}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", "GPSSECRET")
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        more = {"pnginfo": info}
    elif kind == "WEBP":
        more = {"xmp": XMP}
    else:
        more = {"comment": PLACE, "xmp": XMP}
    image.save(written, kind, exif=exif.tobytes(), **more)
    return written.getvalue()


def test_a_photo_outlives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its bytes are on the disk before its name is, and that before its folders' names."""
    synced, flush = [], os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    path = picture_path(tmp_path, "ab" * 32)
    write_picture(path, b"x")
    assert synced[0].parent == path.parent
    assert synced[1:] == [path.parent, *path.parent.parents[:2]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pixels_stay_upright_and_nothing_else_does(kind: str):
    raw = picture(kind)
    assert PLACE in raw
    kept = clean(raw)
    assert PLACE not in kept.body
    assert (kept.width, kept.height, kept.media_type) == (30, 40, f"image/{kind.lower()}")
    with Image.open(io.BytesIO(kept.body)) as opened:
        assert (opened.format, opened.size, dict(opened.getexif())) == (kind, (30, 40), {})
        assert opened.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density",
                                      "background", "loop", "timestamp", "duration"}  # fmt: skip
        red, green, blue = opened.convert("RGB").getpixel((15, 20))
    assert (red > 250, green < 6, blue < 6) == (True, True, True)
    assert b"Exif" not in kept.body


@pytest.mark.parametrize(("side", "kept"), [(2048, 2048), (2049, 2048)])
def test_the_longer_side_is_cut_down(side: int, kept: int):
    made = clean(picture("PNG", (side, 8)))
    assert max(made.width, made.height) == kept


def bomb(width: int, height: int) -> bytes:
    """Say in the header of a PNG how large it is, without the pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(
            ">I", zlib.crc32(name + body)
        )  # fmt: skip

    body = zlib.compress(b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def animated() -> bytes:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])
    return written.getvalue()


def gif() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "GIF")
    return written.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"x" * 100, picture()[:200], gif(), animated(), bomb(50_001, 1000),
        bomb(30_000, 30_000), bomb(10_000, 10_000), b"<svg/>", b"%PDF-1.7",
    ],
    ids=["empty", "noise", "cut", "gif", "animated", "over", "huge", "warned", "svg", "pdf"],
)  # fmt: skip
def test_what_is_no_photo_is_refused(raw: bytes):
    with pytest.raises(BadPhoto):
        clean(raw)


def test_the_most_pixels_are_taken_and_one_row_more_is_not():
    """50 million pixels in the header: too many by a row is refused before, else it is damaged."""
    with pytest.raises(BadPhoto, match="50000 x 1001"):
        clean(bomb(50_000, 1001))
    with pytest.raises(BadPhoto, match="Error"):
        clean(bomb(50_000, 1000))


def test_the_most_bytes_are_taken_and_one_more_is_not():
    raw = picture()
    assert clean(raw + b"\0" * (MAX_BYTES - len(raw))).width == 30
    with pytest.raises(PhotoTooLarge, match="12 MB"):
        clean(raw + b"\0" * (MAX_BYTES - len(raw) + 1))


def test_what_is_transparent_lies_on_white():
    written = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(written, "PNG")
    with Image.open(io.BytesIO(clean(written.getvalue()).body)) as opened:
        assert opened.convert("RGB").getpixel((1, 1)) == (255, 255, 255)


# --- over HTTP ---------------------------------------------------------------------------------


@pytest.fixture
def clients(engine: Engine, settings: Settings, client_of: ClientOf) -> dict[str, AppClient]:
    """Plan 3 is published; its teams are A and B."""
    with transaction(engine) as session:
        make_week(session)
        session.get_one(Plan, PLAN).state = "published"
    app = client_of(settings).app
    for name, role, team in (("a", "team", "A"), ("b", "team", "B"), ("rina", "planner", None),
                             ("lihat", "viewer", None)):  # fmt: skip
        let_in(engine, name, role, "62.02", team)
    names = ("uji", "a", "b", "rina", "lihat")
    return {name: AppClient(app, f"token-{name}") for name in names}


def send(client: AppClient, raw: bytes, **stop: str):
    return client.post(URL, files={"file": ("IMG_1.jpg", raw)}, data=STOP | stop)


def test_a_photo_is_kept_listed_given_out_and_deleted(
    clients: dict[str, AppClient], engine: Engine, settings: Settings
):
    made = send(clients["a"], picture())
    assert made.status_code == 201, made.text
    row = made.json()
    assert (row["village_code"], row["width"], row["account"]) == ("62.02.01.2001", 30, "a")
    again = send(clients["a"], picture())
    assert again.json()["photo_id"] == row["photo_id"]
    path = picture_path(settings.data_dir, row["sha256"])
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
    assert path.stat().st_mode & 0o077 == 0
    for name in ("uji", "a", "rina"):
        seen = clients[name].get(row["url"])
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
        assert seen.content == path.read_bytes()
        assert [p["photo_id"] for p in clients[name].get(URL).json()["items"]] == [row["photo_id"]]
    assert clients["b"].get(URL).json()["items"] == []
    assert (clients["b"].get(row["url"]).status_code, clients["lihat"].get(URL).status_code) == (
        404, 403,
    )  # fmt: skip
    assert clients["a"].delete(row["url"]).status_code == 403
    assert clients["rina"].delete(row["url"]).status_code == 204
    assert not path.exists()
    assert clients["uji"].get(row["url"]).status_code == 404
    with transaction(engine) as session:
        kept = session.exec(select(StopPhoto)).one()
        assert (kept.deleted_by, kept.deleted_at is None) == ("rina", False)
    newest = clients["uji"].get("/api/v1/audit").json()["items"][0]
    assert (newest["account"], newest["action"]) == ("rina", "delete_photo")


def test_a_picture_stays_as_long_as_another_stop_has_it(
    clients: dict[str, AppClient], settings: Settings
):
    one, other = (send(clients["uji"], picture(), **stop).json() for stop in (
        {}, {"day": "2026-12-01", "order": "2"},
    ))  # fmt: skip
    path = picture_path(settings.data_dir, one["sha256"])
    assert clients["uji"].delete(one["url"]).status_code == 204
    assert path.exists()
    assert clients["uji"].delete(other["url"]).status_code == 204
    assert not path.exists()


def test_a_picture_stays_as_long_as_another_area_has_it(
    clients: dict[str, AppClient], engine: Engine, settings: Settings
):
    """Rina's area is 62.02; the row in 65.01 is one that she does not see."""
    own = send(clients["rina"], picture()).json()
    with transaction(engine) as session:
        make_week_in_east(session)
        session.get_one(Plan, 4).state = "published"
        seen = session.exec(select(StopPhoto)).one()
        there = {"plan_id": 4, "team": "Utara", "village_code": "65.01.01.2001"}
        session.add(StopPhoto(**{**seen.model_dump(exclude={"id"}), **there}))
    assert clients["rina"].delete(own["url"]).status_code == 204
    assert picture_path(settings.data_dir, own["sha256"]).exists()
    left = clients["uji"].get("/api/v1/plans/4/photos").json()["items"]
    assert clients["uji"].get(left[0]["url"]).status_code == 200


def test_six_photos_of_a_stop_and_no_seventh(clients: dict[str, AppClient]):
    colours = ("red", "blue", "green", "black", "white", "grey", "pink")
    answers = [send(clients["a"], picture("PNG", colour=colour)) for colour in colours]
    assert [answer.status_code for answer in answers] == [201] * 6 + [409]
    assert slug(answers[-1]) == "too-many-photos"


@pytest.mark.parametrize(
    ("raw", "stop", "status", "problem"),
    [
        (b"no photo", {}, 422, "bad-photo"),
        (picture() + b"\0" * MAX_BYTES, {}, 413, "photo-too-large"),
        (picture(), {"order": "9"}, 404, "stop-not-found"),
        (picture(), {"day": "2026-12-02"}, 404, "stop-not-found"),
        (picture(), {"team": "B"}, 403, "other-team"),
    ],
)
def test_what_is_refused(
    clients: dict[str, AppClient], settings: Settings, raw: bytes, stop: dict[str, str],
    status: int, problem: str,
):  # fmt: skip
    answer = send(clients["a"], raw, **stop)
    assert (answer.status_code, slug(answer)) == (status, problem)
    assert list(settings.data_dir.glob("photos/*/*")) == []


def test_a_draft_has_no_photos_yet(clients: dict[str, AppClient], engine: Engine):
    with transaction(engine) as session:
        session.get_one(Plan, PLAN).state = "approved"
    answer = send(clients["a"], picture())
    assert (answer.status_code, slug(answer)) == (409, "photo-too-early")


# --- backups -----------------------------------------------------------------------------------


def test_a_backup_takes_photos_along(
    clients: dict[str, AppClient], engine: Engine, settings: Settings, tmp_path: Path
):
    row = send(clients["a"], picture()).json()
    gone = send(clients["a"], picture(colour="blue")).json()
    clients["rina"].delete(gone["url"])
    file = tmp_path / "a.zip"
    assert write_backup(engine, file, settings.data_dir).photos == (row["sha256"],)
    there = tmp_path / "there"
    other = connect(f"sqlite:///{tmp_path / 'other.sqlite'}")
    migrate(other)
    restore_backup(other, file, there)
    other.dispose()
    kept = list(there.glob("photos/*/*"))
    assert kept == [picture_path(there, row["sha256"])]
    assert kept[0].read_bytes() == picture_path(settings.data_dir, row["sha256"]).read_bytes()


def test_a_backup_with_another_picture_is_refused(
    clients: dict[str, AppClient], engine: Engine, settings: Settings, tmp_path: Path
):
    row = send(clients["a"], picture()).json()
    path = picture_path(settings.data_dir, row["sha256"])
    path.write_bytes(clean(picture(colour="blue")).body)
    with pytest.raises(BadBackup, match=row["sha256"]):
        write_backup(engine, tmp_path / "a.zip", settings.data_dir)
    assert list(tmp_path.glob("a.zip*")) == []
    assert read_manifest(_without_photos(engine, tmp_path)).photos == ()


def _without_photos(engine: Engine, folder: Path) -> Path:
    file = folder / "b.zip"
    write_backup(engine, file)
    return file


# --- letters -----------------------------------------------------------------------------------


def test_the_report_of_a_team_shows_three_of_its_photos(clients: dict[str, AppClient]):
    """Of two stops with two photos each: one of each stop, then the next of the first."""
    address = f"/api/v1/plans/{PLAN}/letters/recap"
    empty = clients["uji"].get(address, params={"team": "A", "lang": "id"})
    assert _pictures(empty.content) == []
    sizes = [(40, 30), (40, 31), (40, 32), (40, 33)]
    stops = [{}, {}, {"day": "2026-12-01"}, {"day": "2026-12-01"}]
    for size, stop, kind in zip(sizes, stops, ("JPEG", "PNG", "WEBP", "PNG"), strict=True):
        assert send(clients["a"], picture(kind, size), **stop).status_code == 201
    full = clients["uji"].get(address, params={"team": "A", "lang": "id"})
    assert full.headers["etag"] != empty.headers["etag"]
    # Turned upright: width and height exchanged.
    assert _pictures(full.content) == [(30, 40), (32, 40), (31, 40)]
    other = clients["uji"].get(address, params={"team": "B", "lang": "id"})
    assert _pictures(other.content) == []


def test_photos_stay_when_another_plan_takes_the_place(engine: Engine, settings: Settings):
    """Plan 3 is replaced by 5 on Monday evening; the phone of A still posts to plan 3."""
    chief = Caller(account_id=1, account="sri", role=Role.ADMIN, area="", team=None, via="token")
    monday = date(2026, 11, 30)

    def post(session: Session, plan_id: int, colour: str) -> int | None:
        raw = picture(colour=colour)
        return add_photo(session, settings.data_dir, plan_id, "A", monday, 1, raw, chief).id

    with transaction(engine) as session:
        make_week(session)
        plan = session.get_one(Plan, PLAN)
        session.add(Plan(id=5, **plan.model_dump(exclude={"id"})))
        session.add(Plan(id=6, state="cancelled", regency_code="62.02", week="2026-W49", params={}))
        stop = session.exec(select(PlanStop).where(PlanStop.plan_id == PLAN)).first()
        assert stop is not None
        assert (stop.team, stop.day, stop.order) == ("A", monday, 1)
        session.flush()
        session.add(PlanStop(plan_id=5, **stop.model_dump(exclude={"id", "plan_id"})))
        for number in (PLAN, 5):
            for action in ("propose", "approve"):
                take_step(session, number, Step(action=action), chief)
        take_step(session, PLAN, Step(action="publish", letter="800/3"), chief)
        before = post(session, PLAN, "red")
        instead = Step(action="publish", letter="800/5", replaces=PLAN)
        take_step(session, 5, instead, chief)
        assert session.get_one(Plan, PLAN).state == "cancelled"
        late, known = post(session, PLAN, "blue"), post(session, 5, "red")
        assert known == before
        with pytest.raises(PhotoTooEarly):
            post(session, 6, "red")
        assert [row["photo_id"] for row in photo_rows(session, 5, team="A")] == [before, late]
        assert photo_ids(session, 5) == (before, late)
        assert len(photos_for_letters(session, settings.data_dir, 5, ["A"])["A"]) == 2


def _pictures(letter: bytes) -> list[tuple[int, int]]:
    """Read the sizes of the pictures in a Word document, in the order in which they stand."""
    word = docx.Document(io.BytesIO(letter))
    names = [blip.get(qn("r:embed")) for blip in word.element.body.iter(qn("a:blip"))]
    found = []
    for name in names:
        with Image.open(io.BytesIO(word.part.related_parts[name].blob)) as opened:
            found.append(opened.size)
    return found
