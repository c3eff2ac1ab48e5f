"""What an answer says when there are no rows: problem details (RFC 9457) as JSON."""

from http import HTTPStatus

from django.http import JsonResponse

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """`detail` is a sentence that says what to change; `headers` go with the answer."""

    def __init__(self, status: HTTPStatus, detail: str, **headers: str):
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def bad_request(detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, detail)


def not_found(detail: str = "There is nothing at this address.") -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, detail)


def unauthorised() -> Problem:
    """The same words whether the token was never made, was revoked or is no longer anybody's."""
    detail = "Send a valid token in the header Authorization: Bearer. Tokens are made on the page My access."
    return Problem(HTTPStatus.UNAUTHORIZED, detail, WWW_Authenticate='Bearer realm="SEND tracker"')


def unencrypted() -> Problem:
    """Not led on to HTTPS: the token has been sent by then, and would be again with every request."""
    detail = "Ask by https. A token that was sent like this may have been read on its way: revoke it and make another."
    return Problem(HTTPStatus.FORBIDDEN, detail)


def problem_response(problem: Problem) -> JsonResponse:
    status = problem.status
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": problem.detail}
    response = JsonResponse(body, status=status.value, content_type=MEDIA_TYPE, headers=problem.headers)
    response["Cache-Control"] = "no-store"
    return response
