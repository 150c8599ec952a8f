"""*I have it*: whoever follows the link of a page says so once they are signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from followup.flow.acknowledge import acknowledge
from followup.flow.lift_hold import lift_hold
from followup.store import cases
from followup.web.cases import case_page
from followup.web.guards import SignedIn, signed_in, uuid_or_404
from followup.web.parts import parts_of
from followup.web.queue import view_of

router = APIRouter()
Person = Annotated[SignedIn, Depends(signed_in())]


@router.post("/cases/{case_id}/acknowledgement")
def say_so(request: Request, who: Person, case_id: str) -> Response:
    """From now on they have it, and nobody is rung."""
    parts, id_ = parts_of(request), uuid_or_404(case_id)
    answer = acknowledge(
        database=parts.database,
        clinic_id=who.clinic_id,
        case_id=id_,
        staff_id=who.staff_id,
        how="sign-in link",
        now=parts.now(),
    )
    if not answer.is_theirs:
        return case_page(request, who, id_, refused=answer.words)
    parts.wake()
    return _back(request, case_id)


@router.post("/cases/{case_id}/hold/lift")
def let_texts_go_on(request: Request, who: Person, case_id: str) -> Response:
    """Automatic texts to the patient leave again; what was missed is not sent."""
    parts, id_ = parts_of(request), uuid_or_404(case_id)
    with parts.database.reader() as db:
        patient_id = cases.get_case(db, clinic_id=who.clinic_id, case_id=id_).patient_id
    if patient_id is None:
        return _back(request, case_id)
    refused = lift_hold(
        database=parts.database,
        clinic_id=who.clinic_id,
        patient_id=patient_id,
        staff_id=who.staff_id,
        now=parts.now(),
    )
    if refused:
        return case_page(request, who, id_, refused=refused.words)
    parts.wake()
    return _back(request, case_id)


def _back(request: Request, case_id: str) -> Response:
    view = view_of(request)
    return RedirectResponse(f"/cases/{case_id}{'' if view == 'open' else f'?view={view}'}", 303)
