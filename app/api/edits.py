"""Plans changed by hand: an answer at once."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from app.api.deps import EngineDep, LangDep, PlanId, ReadDep, SessionDep, SettingsDep
from app.api.guard import CallerDep
from app.api.problems import problems
from app.edit_errors import BadEdit, NotEditable, NothingToUndo, StopLocked
from app.edits import Bench, Edit, edit_plan, edits_of, undo_edit
from app.errors import PlanBusy, PlanChanged, PlanNotFound, PlanNotSolved
from app.schemas.edits import EditAnswer, EditList, EditRequest, UndoRequest
from app.texts import Lang
from app.travel import TravelMeans
from app.violation_texts import worded

router = APIRouter(prefix="/api/v1/plans", tags=["plans"])


def _bench(request: Request, engine: EngineDep, settings: SettingsDep) -> Bench:
    return Bench(engine=engine, weeks=request.app.state.weeks, means=TravelMeans.of(settings))


BenchDep = Annotated[Bench, Depends(_bench)]


@router.get(
    "/{plan_id}/edits",
    operation_id="list_edits",
    summary="List the changes made by hand",
    responses=problems(PlanNotFound),
)
def list_edits(session: ReadDep, plan_id: PlanId, bench: BenchDep) -> EditList:
    """Give the changes, the newest first, what is locked, and the lengths that may be chosen.

    Asked for before the first change it makes that one quick.
    """
    return EditList.model_validate(edits_of(session, bench, plan_id))


@router.post(
    "/{plan_id}/edits",
    operation_id="edit_plan",
    summary="Change a plan by hand",
    responses=problems(
        PlanNotFound, PlanNotSolved, PlanBusy, PlanChanged, NotEditable, BadEdit, StopLocked,
    ),
)  # fmt: skip
def post_edit(
    session: SessionDep, plan_id: PlanId, asked: EditRequest, bench: BenchDep, caller: CallerDep,
    lang: LangDep,
) -> EditAnswer:  # fmt: skip
    """Move, swap, add, drop, lock stops or change their length; checked and answered at once.

    A draft or proposed plan can be changed. What breaks a rule is kept only with a `reason`, and
    the plan then says who keeps it, when and why; without one `is_kept` is false and nothing is
    changed, as with `keep` false.
    """
    edit = Edit(
        actions=[action.model_dump() for action in asked.actions], version=asked.version,
        keep=asked.keep, reason=asked.reason,
    )  # fmt: skip
    return _answer(edit_plan(session, bench, plan_id, edit, caller), lang)


@router.post(
    "/{plan_id}/edits/undo",
    operation_id="undo_edit",
    summary="Take the last change by hand back",
    responses=problems(
        PlanNotFound, PlanNotSolved, PlanBusy, PlanChanged, NotEditable, NothingToUndo,
    ),
)  # fmt: skip
def post_undo(
    session: SessionDep, plan_id: PlanId, asked: UndoRequest, bench: BenchDep, caller: CallerDep,
    lang: LangDep,
) -> EditAnswer:  # fmt: skip
    """Bring back the stops, nights, locks and mark of before; again for the change before that."""
    return _answer(undo_edit(session, bench, plan_id, asked.version, caller), lang)


def _answer(found: dict[str, Any], lang: Lang) -> EditAnswer:
    return EditAnswer.model_validate(worded(found, lang))
