"""The office's parameters."""

from fastapi import APIRouter
from sqlmodel import Session

from app.api.deps import LangDep, ReadDep, SessionDep
from app.api.problems import problems
from app.db import one_at_a_time
from app.errors import BadParam, BodyTooLarge, ParamNotFound, ParamsChanged
from app.params import current_params, digest_of, param_rows, set_params
from app.schemas.params import ParamList, ParamsChange
from app.texts import Lang
from geodata.errors import BadValue
from routing.errors import InvalidProblem

router = APIRouter(prefix="/api/v1/params", tags=["params"])


@router.get("", operation_id="list_params", summary="List parameters", responses=problems())
def list_params(session: ReadDep, lang: LangDep) -> ParamList:
    """Give every parameter with its value, default, limits, meaning, and who changed it."""
    return _list(session, lang)


@router.put(
    "",
    operation_id="set_params",
    summary="Set parameters",
    responses=problems(
        ParamNotFound, BadParam, ParamsChanged, InvalidProblem, BadValue, BodyTooLarge
    ),
)
def put_params(change: ParamsChange, session: SessionDep, lang: LangDep) -> ParamList:
    """Decide about some parameters, with who and why; null puts one back to its default.

    All are kept, or none; none if `known` is given and somebody has changed them since (409).
    Plans made before keep the values they were made with. What is known of signal is joined anew
    when a value of ``signal`` changes.
    """
    one_at_a_time(session, "params")
    version = _digest(session)
    if change.known is not None and change.known != version:
        raise ParamsChanged(version=version, known=change.known)
    set_params(session, change.values, by=change.by, reason=change.reason)
    return _list(session, lang)


def _list(session: Session, lang: Lang) -> ParamList:
    found = {"digest": _digest(session), "items": param_rows(session, lang)}
    return ParamList.model_validate(found)


def _digest(session: Session) -> str:
    return digest_of(current_params(session).to_dict())
