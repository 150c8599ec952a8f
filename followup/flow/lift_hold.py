"""After an urgent case automatic texts go on by a person's word only; what was missed meanwhile is not sent."""

from datetime import datetime
from uuid import UUID

from followup.flow.transaction import transaction
from followup.flow.work_case import Refused
from followup.store import audit, cases, holds, messages, sign_ins
from followup.store.database import Database


def lift_hold(
    *, database: Database, clinic_id: UUID, patient_id: UUID, staff_id: UUID, now: datetime
) -> Refused | None:
    """Automatic texts to this patient leave again. Again changes nothing; refused while an urgent case is open."""
    with transaction(database) as db:
        # Messages first, then cases: everybody locks in this order.
        planned = messages.planned_of_patient(db, patient_id)
        missed = [each for each in planned if each.due_at <= now]
        cases.lock_cases(db, clinic_id)
        if cases.find_open_urgent(db, clinic_id, patient_id):
            return Refused("An urgent case of this patient is still open. Close it first.")
        if holds.find_hold(db, clinic_id, patient_id) is None:
            return None
        by = sign_ins.get_staff(db, clinic_id, staff_id).name
        dropped = messages.end_planned(
            db, missed, "cancelled", f"missed while texts were held; {by} let them go on", now=now
        )
        holds.lift_holds(db, clinic_id, patient_id, by=staff_id, dropped=dropped, now=now)
        messages.wake(db, [each for each in planned if each.due_at > now], now=now)
        audit.record(
            db,
            clinic_id=clinic_id,
            actor=f"staff:{staff_id}",
            action="texts.released",
            subject=f"patient:{patient_id}",
            now=now,
            dropped=dropped,
        )
    return None
