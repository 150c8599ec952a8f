"""Standard texts count as a named admin approved them at go-live; a later change waits for the next approval."""

import json
from datetime import datetime
from uuid import UUID

from followup.rules.standard_texts import StandardTexts
from followup.store import people, schedules, sessions
from followup.store.database import Session

NAME = "standard_texts"
"""Among the versions that a go-live approves."""


def keep_texts(db: Session, texts: StandardTexts, *, now: datetime) -> str:
    """Their version, kept, so that they can be sent as they were approved."""
    source = json.dumps(texts.model_dump(mode="json"), ensure_ascii=False)
    sessions.keep_schedule_version(db, version=texts.version, name=NAME, source_text=source, now=now)
    return texts.version


def approved_texts(db: Session, clinic_id: UUID, texts: StandardTexts) -> StandardTexts:
    """Those that the clinic approved last; before it ever did, those of the files."""
    live = people.newest_go_live(db, clinic_id)
    version = live.schedule_versions.get(NAME) if live else None
    kept = schedules.find_version(db, version) if version and version != texts.version else None
    return StandardTexts.model_validate_json(kept.source_text) if kept else texts
