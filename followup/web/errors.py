"""Pages for what went wrong. Machines are answered elsewhere: they get problem+json."""

from fastapi import HTTPException, Request
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import RedirectResponse, Response

from followup.store.cases import NoSuchCase
from followup.store.database import DATABASE_FAILED
from followup.web.guards import sign_in_address
from followup.web.pages import page

WORDS = {
    400: ("This form could not be read", "Nothing was changed. Go back and try again."),
    401: ("You are signed out", "Nothing was saved and nothing was sent. Sign in, then try again."),
    403: ("This is not allowed", "Nothing was changed and nothing was sent."),
    404: ("There is nothing here", "It may belong to another clinic, or the address may have a mistake in it."),
    405: ("This page cannot do that", "Nothing was changed. Start again from the queue."),
    503: ("The database does not answer", "Go back, look whether your change was saved, and try again in a moment."),
    500: ("Something broke on our side", "It is written down. Look in the thread whether your change was saved."),
}


def show_error(request: Request, error: Exception) -> Response:
    """The page for an HTTPException, NoSuchCase, or anything unexpected. Sign-in redirects stay redirects."""
    if isinstance(error, NoSuchCase):
        error = HTTPException(404)
    if isinstance(error, DATABASE_FAILED):
        error = HTTPException(503, headers={"Retry-After": "5"})
    if not isinstance(error, AnyHTTPException):
        return error_page(500)
    headers = dict(error.headers or {})
    if 300 <= error.status_code < 400 and "Location" in headers:
        return RedirectResponse(headers["Location"], error.status_code)
    sign_in = _sign_in(request) if error.status_code == 401 else ""
    response = error_page(error.status_code, error.detail, sign_in=sign_in)
    response.headers.update(headers)
    return response


def _sign_in(request: Request) -> str:
    """Where a form of a case was posted the case is shown; of other addresses nobody knows whether they can be."""
    path = request.url.path
    return sign_in_address(path if path.startswith("/cases/") else "/")


def error_page(status: int, detail: str = "", *, sign_in: str = "") -> Response:
    """`detail` is shown where it is ours and says which rule was broken. `sign_in`: the way on, else to the queue."""
    title, words = WORDS.get(status, ("This did not work", "Nothing was changed."))
    is_ours = bool(detail) and status in (401, 403)
    words = f"{detail} {words}" if is_ours else words
    return page("error.html", status=status, title=title, words=words, sign_in=sign_in)
