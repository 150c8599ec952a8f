"""What all rows share: keys, naming, and that a row never shows what a patient wrote."""

import secrets
import uuid
from typing import Any
from uuid import UUID

from sqlalchemy import Index, MetaData, Text, text
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
metadata: MetaData = SQLModel.metadata


def new_id() -> UUID:
    """A key that sorts by the time it was made: version 6, random node. RFC 9562, 5.6 and 6.9."""
    made = uuid.uuid1(node=secrets.randbits(48) | 1 << 40, clock_seq=secrets.randbits(14))
    time_60 = made.time
    high = (time_60 >> 12) << 16 | 0x6000 | time_60 & 0x0FFF
    return UUID(int=high << 64 | made.int & (1 << 64) - 1)


class Row(SQLModel):
    """Shown in logs and errors by its key alone: rows hold what patients wrote."""

    id: UUID = Field(default_factory=new_id, primary_key=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    __str__ = __repr__


class ClinicRow(Row):
    """Belongs to one clinic; no query crosses clinics."""

    clinic_id: UUID = Field(foreign_key="clinic.id", index=True)


def words(**options: Any) -> Any:
    """A column of unbounded text."""
    return Field(sa_type=Text, **options)


def partial_index(name: str, columns: tuple[str, ...], where: str) -> Index:
    """Of the rows that matter only: a million finished ones cost nothing."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
