"""Prepare for appointments; companions, pauses, closed days, and until when a question is answered"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clinic_closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_clinic_closure_clinic_id_clinic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic_closure")),
        sa.UniqueConstraint("clinic_id", "closed_on", name=op.f("uq_clinic_closure_clinic_id_closed_on")),
    )
    with op.batch_alter_table("clinic_closure") as batch_op:
        batch_op.create_index(batch_op.f("ix_clinic_closure_clinic_id"), ["clinic_id"], unique=False)

    op.create_table(
        "companion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("has_agreed", sa.Boolean(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_companion_clinic_id_clinic")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_companion_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companion")),
        sa.UniqueConstraint("patient_id", name=op.f("uq_companion_patient_id")),
    )
    with op.batch_alter_table("companion") as batch_op:
        batch_op.create_index(batch_op.f("ix_companion_clinic_id"), ["clinic_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_companion_phone"), ["phone"], unique=False)

    op.create_table(
        "pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("by_staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by_staff_id"], ["staff.id"], name=op.f("fk_pause_by_staff_id_staff")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_pause_clinic_id_clinic")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["staff.id"], name=op.f("fk_pause_ended_by_id_staff")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_pause_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    with op.batch_alter_table("pause") as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_clinic_id"), ["clinic_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pause_patient_id"), ["patient_id"], unique=False)

    with op.batch_alter_table("clinic") as batch_op:
        batch_op.add_column(sa.Column("text_name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True))
        batch_op.add_column(sa.Column("closed_weekdays", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=True))
        batch_op.alter_column("opens_at_local", existing_type=sqlmodel.sql.sqltypes.AutoString(length=5), nullable=True)
        batch_op.alter_column(
            "closes_at_local", existing_type=sqlmodel.sql.sqltypes.AutoString(length=5), nullable=True
        )
    # Every clinic had these hours, and nobody had said so.
    op.execute(
        "UPDATE clinic SET opens_at_local = NULL, closes_at_local = NULL "
        "WHERE opens_at_local = '09:00' AND closes_at_local = '20:00'"
    )

    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(
            sa.Column("to", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False, server_default="patient")
        )
        batch_op.add_column(sa.Column("ask", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True))
        batch_op.add_column(sa.Column("answer_until_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("silent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("silence_noted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_index(
            "ix_message_silent",
            ["silent_at"],
            unique=False,
            sqlite_where=sa.text("silent_at IS NOT NULL AND silence_noted_at IS NULL"),
            postgresql_where=sa.text("silent_at IS NOT NULL AND silence_noted_at IS NULL"),
        )

    with op.batch_alter_table("patient") as batch_op:
        batch_op.add_column(sa.Column("own_hour_local", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=True))
        batch_op.add_column(sa.Column("is_discreet", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("reply") as batch_op:
        batch_op.add_column(sa.Column("is_companions", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("plan") as batch_op:
        batch_op.add_column(sa.Column("appointment_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("session_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_unique_constraint(batch_op.f("uq_plan_appointment_id"), ["appointment_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_plan_appointment_id_appointment"), "appointment", ["appointment_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("reply") as batch_op:
        batch_op.drop_column("is_companions")

    with op.batch_alter_table("plan") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_plan_appointment_id_appointment"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_plan_appointment_id"), type_="unique")
        batch_op.alter_column("session_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("appointment_id")

    with op.batch_alter_table("patient") as batch_op:
        batch_op.drop_column("is_discreet")
        batch_op.drop_column("own_hour_local")

    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index(
            "ix_message_silent",
            sqlite_where=sa.text("silent_at IS NOT NULL AND silence_noted_at IS NULL"),
            postgresql_where=sa.text("silent_at IS NOT NULL AND silence_noted_at IS NULL"),
        )
        batch_op.drop_column("silence_noted_at")
        batch_op.drop_column("silent_at")
        batch_op.drop_column("answer_until_at")
        batch_op.drop_column("ask")
        batch_op.drop_column("to")

    op.execute("UPDATE clinic SET opens_at_local = '09:00' WHERE opens_at_local IS NULL")
    op.execute("UPDATE clinic SET closes_at_local = '20:00' WHERE closes_at_local IS NULL")
    with op.batch_alter_table("clinic") as batch_op:
        batch_op.alter_column(
            "closes_at_local", existing_type=sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False
        )
        batch_op.alter_column(
            "opens_at_local", existing_type=sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False
        )
        batch_op.drop_column("state")
        batch_op.drop_column("closed_weekdays")
        batch_op.drop_column("text_name")

    with op.batch_alter_table("pause") as batch_op:
        batch_op.drop_index(batch_op.f("ix_pause_patient_id"))
        batch_op.drop_index(batch_op.f("ix_pause_clinic_id"))

    op.drop_table("pause")
    with op.batch_alter_table("companion") as batch_op:
        batch_op.drop_index(batch_op.f("ix_companion_phone"))
        batch_op.drop_index(batch_op.f("ix_companion_clinic_id"))

    op.drop_table("companion")
    with op.batch_alter_table("clinic_closure") as batch_op:
        batch_op.drop_index(batch_op.f("ix_clinic_closure_clinic_id"))

    op.drop_table("clinic_closure")
