"""A schedule that uses what a step may say, and Maria's plan from it."""

from datetime import timedelta
from typing import Any

from followup.flow.plan_session import plan_session
from followup.flow.transaction import transaction
from followup.schedule_files import LoadedSchedule, Schedules, read_schedule
from followup.store import people
from followup.store.tables import CareSession, Patient
from tests.people import NOW, House

SAFE = "Not monitored 24/7. Emergency: 911. Crisis: 988."
NAME = "course"
TEXT = """
title = "Course"
for_kinds = ["ketamine-iv", "ketamine-pain"]
series_length = 6

[first_text]
en = "Reply STOP to end texts."
es = "Envie STOP para no recibir mas."

[[step]]
name = "check-in"
after_end = "4h"
no_earlier_than = "90m"
use_by = "20:00"
prompt = "same_day"
gives_way = false
text = { en = "{clinic}: Hi {first_name}, how are you? SAFE", es = "{clinic}: Hola {first_name}, ¿como esta?" }
text_without_question = { en = "{clinic}: Rest well. No driving." }
nudge = { after = "90m", text = { en = "{clinic}: Hi {first_name}, one word is enough. SAFE" } }
silence = { by = "19:00", sooner_after = "2h" }

[[step]]
name = "morning after"
days_after = 1
at = "09:00"
use_by = "4h"
prompt = "same_day"
instead_of = "check-in"
text = { en = "{clinic}: How was the night? SAFE" }

[[step]]
name = "first mood"
days_after = 1
at = "10:00"
use_by = "8h"
prompt = "mood"
text = { en = "{clinic}: Hi {first_name}, your mood from 0 to 10? SAFE" }

[[step]]
name = "mood"
days_after = 7
every = "1w"
until_day = 28
at = "10:00"
at_own_hour = true
use_by = "2d"
prompt = "mood"
answer_within = "22h"
worry = { at_most = 3, fall = 3 }
text = { en = "{clinic}: Hi {first_name}, your mood from 0 to 10? SAFE", es = "{clinic}: ¿Su animo de 0 a 10?" }
text_discreet = { en = "How are you from 0 to 10? SAFE" }

[[step]]
name = "low mood"
days_after = 3
at = "11:00"
use_by = "1d"
if = { step = "first mood", score_at_most = 3 }
text = { en = "{clinic}: We are here: {clinic_phone}." }

[[step]]
name = "tea"
days_after = 7
at = "11:00"
use_by = "1d"
text = { en = "{clinic}: A warm tea helps." }

[[step]]
name = "walk"
days_after = 7
at = "12:00"
use_by = "1d"
text = { en = "{clinic}: A short walk helps." }

[[step]]
name = "pain"
for_kinds = ["ketamine-pain"]
days_after = 9
at = "10:00"
use_by = "1d"
prompt = "mood"
ask = "pain"
text = { en = "{clinic}: Your pain from 0 (none) to 10? SAFE" }

[[step]]
name = "next series"
phase = "maintenance"
days_after = 10
at = "10:00"
use_by = "1d"
text = { en = "{clinic}: Thank you for staying with us." }

[[step]]
name = "reminder"
days_before_appointment = 1
at = "10:00"
use_by = "2h"
prompt = "appointment"
gives_way = false
text = { en = "{clinic}: Your visit is {time}. Reply C to confirm or R to reschedule. SAFE" }

[[step]]
name = "pick-up"
to = "companion"
after_end = "5m"
use_by = "3h"
text = { en = "{clinic}: The visit ended at {ended}. Please drive." }
""".replace("SAFE", SAFE)


def course(text: str = TEXT, *, name: str = NAME) -> LoadedSchedule:
    return LoadedSchedule(name, read_schedule(text, file=f"{name}.toml"), text)


def give_course(house: House, text: str = TEXT) -> None:
    """It is the only schedule there is."""
    house.schedules = Schedules([course(text)])


def plan_course(house: House, *, text: str = TEXT, **session: Any) -> CareSession:
    """Maria's fifth session ended an hour ago, and has its plan."""
    give_course(house, text)
    values = {"number": 5, "series_length": 6, "kind": "ketamine-iv", "ended_at": NOW - timedelta(hours=1)}
    made = CareSession(
        clinic_id=house.riverside.id,
        patient_id=house.maria.id,
        record_id="enc-5",
        told_at=NOW,
        created_at=NOW,
        **{**values, **session},
    )
    house.keep(made)
    with transaction(house.database) as db:
        plan_session(
            db,
            course(text),
            clinic=people.clinic_of(db, house.riverside.id),
            patient=people.get_patient(db, house.riverside.id, house.maria.id),
            session=made,
            now=house.now,
        )
    return made


def page_of(house: House, patient: Patient | None = None) -> str:
    return f"/patients/{(patient or house.maria).id}/plan"


def change(house: House, **values: Any) -> None:
    """Of Maria."""
    with transaction(house.database) as db:
        patient = people.get_patient(db, house.riverside.id, house.maria.id)
        patient.sqlmodel_update(values)
        db.add(patient)
