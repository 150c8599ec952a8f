"""Texts that wait for a person's word."""

from uuid import UUID

from sqlmodel import Session, select

from followup.store.tables import Message


class NoSuchText(LookupError):
    """There is no text with this id in this clinic."""


def lock_text(db: Session, *, clinic_id: UUID, message_id: UUID) -> Message:
    """Nobody else moves it until this transaction ends. Raises NoSuchText, also for a text of another clinic."""
    query = select(Message).where(Message.id == message_id, Message.clinic_id == clinic_id).with_for_update()
    message = db.exec(query).one_or_none()
    if message is None:
        raise NoSuchText(message_id)
    return message


def is_held(message: Message) -> bool:
    """Whether it waits for a person to release or drop it."""
    return message.status == "planned" and message.held_at is not None
