"""Photos of stops: kept by the hash of their pixels, listed, given out, deleted."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlmodel import Session, col, func, select

from app.access import Caller, own_team
from app.areas import everywhere
from app.db import now, one_at_a_time
from app.errors import PlanNotFound
from app.lifecycle import was_published
from app.models import Plan, PlanStop, StopPhoto
from app.photo_errors import PhotoNotFound, PhotoTooEarly, StopNotFound, TooManyPhotos
from app.photo_files import picture_path, write_picture
from app.pictures import clean, for_word
from app.results.standing import lineage
from app.under_way import WORKED_BY

MOST = 6
"""Photos that are kept of one stop."""
IN_LETTERS = 3


def add_photo(
    session: Session, data_dir: Path, plan_id: int, team: str, day: date, order: int, raw: bytes,
    caller: Caller,
) -> StopPhoto:  # fmt: skip
    """Keep a photo of a stop without its metadata; the same photo again is the same row.

    Raises
    ------
    PlanNotFound, PhotoTooEarly, OtherTeam, StopNotFound, PhotoTooLarge, BadPhoto, TooManyPhotos
        Nothing is kept then.
    """
    own_team(caller, team)
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    # A phone may still hold the plan that another has taken the place of.
    if plan.state not in WORKED_BY and not was_published(session, plan):
        raise PhotoTooEarly(plan_id=plan_id, state=plan.state)
    of_stop = (PlanStop.plan_id == plan_id, PlanStop.team == team, PlanStop.day == day)
    stop = session.exec(select(PlanStop).where(*of_stop, PlanStop.order == order)).first()
    if stop is None:
        raise StopNotFound(plan_id=plan_id, team=team, day=day, order=order)
    picture = clean(raw)
    digest = hashlib.sha256(picture.body).hexdigest()
    # A telephone that got no answer sends again while the first is stored; of all plans of the stop
    one_at_a_time(session, f"photos {team} {day} {order} {stop.village_code}")
    there = [
        photo
        for photo in photos_of(session, plan_id, team=team, day=day)
        if (photo.order, photo.village_code) == (order, stop.village_code)
    ]
    for photo in there:
        if photo.sha256 == digest:
            return photo
    if len(there) >= MOST:
        raise TooManyPhotos(limit=MOST)
    # The file comes first: a row without a picture would be worse than a picture without a row.
    write_picture(picture_path(data_dir, digest), picture.body)
    photo = StopPhoto(
        plan_id=plan_id, team=team, day=day, order=order, village_code=stop.village_code,
        sha256=digest, media_type=picture.media_type, width=picture.width, height=picture.height,
        n_bytes=len(picture.body), account=caller.account,
    )  # fmt: skip
    session.add(photo)
    session.flush()
    return photo


def photos_of(
    session: Session,
    plan_id: int,
    *,
    team: str | None = None,
    day: date | None = None,
) -> Sequence[StopPhoto]:
    """List the photos of a plan and of those whose place it took that were not deleted.

    By day, team and stop, the oldest first.
    """
    query = select(StopPhoto).where(col(StopPhoto.plan_id).in_(lineage(session, plan_id)))
    query = query.where(col(StopPhoto.deleted_at).is_(None))
    for column, value in ((StopPhoto.team, team), (StopPhoto.day, day)):
        if value is not None:
            query = query.where(column == value)
    by = (StopPhoto.day, StopPhoto.team, StopPhoto.order, StopPhoto.id)
    return session.exec(query.order_by(*map(col, by))).all()


def photo_rows(
    session: Session, plan_id: int, *, team: str | None = None, day: date | None = None
) -> list[dict[str, Any]]:
    """List the photos of a plan, and of those whose place it took, as documents.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    """
    if session.get(Plan, plan_id) is None:
        raise PlanNotFound(plan_id=plan_id)
    return [photo_row(photo) for photo in photos_of(session, plan_id, team=team, day=day)]


def photo_row(photo: StopPhoto) -> dict[str, Any]:
    """Give a photo as a document."""
    own = photo.model_dump(exclude={"id", "deleted_at", "deleted_by"})
    return {"photo_id": photo.id, "url": f"/api/v1/photos/{photo.id}", **own}


def picture_of(session: Session, data_dir: Path, photo_id: int) -> tuple[StopPhoto, bytes]:
    """Give a photo and its picture.

    Raises
    ------
    PhotoNotFound
        When there is none of that number, or no longer.
    """
    photo = _photo(session, photo_id)
    path = picture_path(data_dir, photo.sha256)
    if not path.is_file():
        raise PhotoNotFound(photo_id=photo_id)
    return photo, path.read_bytes()


def _photo(session: Session, photo_id: int) -> StopPhoto:
    # By a query, not by ``get``: a team's phone finds its own only.
    query = select(StopPhoto).where(StopPhoto.id == photo_id)
    photo = session.exec(query.where(col(StopPhoto.deleted_at).is_(None))).first()
    if photo is None:
        raise PhotoNotFound(photo_id=photo_id)
    return photo


def delete_photo(session: Session, data_dir: Path, photo_id: int, account: str) -> None:
    """Delete a photo: its row stays with who and when, its picture goes once that is committed.

    Raises
    ------
    PhotoNotFound
        When there is none of that number, or no longer.
    """
    photo = _photo(session, photo_id)
    photo.deleted_at, photo.deleted_by = now(), account
    session.flush()
    same = select(func.count()).select_from(StopPhoto).where(StopPhoto.sha256 == photo.sha256)
    with everywhere(session):  # another area may have the same picture, in the same file
        left = session.exec(same.where(col(StopPhoto.deleted_at).is_(None))).one()
    if left == 0:
        path = picture_path(data_dir, photo.sha256)
        event.listen(
            session, "after_commit", lambda _session: path.unlink(missing_ok=True), once=True
        )


def photo_ids(session: Session, plan_id: int) -> tuple[int | None, ...]:
    """Name the photos of a plan that were not deleted: it changes when any of them does."""
    return tuple(photo.id for photo in photos_of(session, plan_id))


def photos_for_letters(
    session: Session, data_dir: Path, plan_id: int, teams: Iterable[str]
) -> dict[str, list[tuple[str, bytes]]]:
    """Give at most ``IN_LETTERS`` pictures of each team, of different stops as far as there are.

    Each with a mark that stands for it in the text of a letter; as JPEG or PNG, which Word reads.
    """
    found: dict[str, list[tuple[str, bytes]]] = {}
    for team in teams:
        first, more = dict[tuple[date, int, str], StopPhoto](), list[StopPhoto]()
        for photo in photos_of(session, plan_id, team=team):
            if not picture_path(data_dir, photo.sha256).is_file():
                continue
            stop = (photo.day, photo.order, photo.village_code)
            if stop in first:
                more.append(photo)
            else:
                first[stop] = photo
        chosen = [*first.values(), *more][:IN_LETTERS]
        found[team] = [
            (f"@photo-{photo.sha256}",
             for_word(picture_path(data_dir, photo.sha256).read_bytes(), photo.media_type))
            for photo in chosen
        ]  # fmt: skip
    return found
