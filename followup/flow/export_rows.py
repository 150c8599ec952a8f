"""Every row of a clinic or a patient, for whoever takes the data elsewhere."""

from collections.abc import Iterator
from typing import Any

from followup.flow.set_up import CannotSetUp, need_clinic
from followup.store import exports, people
from followup.store.database import Database


def export_rows(*, database: Database, clinic: str | None, patient: str | None) -> Iterator[dict[str, Any]]:
    """One row each, `{"table": name, column: value, ...}`; without a clinic those of all. Raises CannotSetUp.

    Keys, password hashes and sign-ins are not data of the clinic and stay here.
    """
    with database.reader() as db:
        where = need_clinic(db, clinic) if clinic or patient else None
        whom = people.find_patient(db, where.id, patient) if where and patient else None
        if patient and whom is None:
            raise CannotSetUp("no patient with this id is known in this clinic")
        yield from exports.rows(db, clinic_id=where.id if where else None, patient_id=whom.id if whom else None)
