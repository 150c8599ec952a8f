"""Ids of record systems in addresses: any text, also with slashes and line breaks."""

from starlette.convertors import Convertor, register_url_convertor

ANY_TEXT = "any_text"


class AnyText(Convertor[str]):
    """Starlette's own `path` stops at a line break, and takes `e-1` out of `e-1` with a line break behind it.

    NUL is in no id: events that hold it are refused, and PostgreSQL cannot even look for it.
    """

    regex = r"[^\x00]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor(ANY_TEXT, AnyText())
