"""What every answer says to the browser."""

import pytest

from tests.world import BACKEND, build_world


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/healthz", "/static/tracker.css", "/nothing/here/", "/favicon.ico"]
)
def test_every_answer_carries_the_same_strict_headers(client, db, path):
    said = client.get(path).headers

    assert "camera=()" in said["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in said["Permissions-Policy"]
    assert said["Cross-Origin-Resource-Policy"] == "same-origin"
    assert said["Cross-Origin-Opener-Policy"] == "same-origin"
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Referrer-Policy"] == "same-origin"
    assert len(said["X-Request-ID"]) == 32
    assert "Access-Control-Allow-Origin" not in said


def test_a_page_may_load_from_nowhere_else_and_stand_in_no_frame(client, db):
    world = build_world()
    client.force_login(world.people["board"], backend=BACKEND)
    policy = client.get(world.address("board:area"))["Content-Security-Policy"]

    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("given", ["0123456789abcdef", "7f3c9e1a-0b2d-4c5e-8f60-1a2b3c4d5e6f"])
def test_a_plain_request_id_is_taken_and_returned(client, db, given):
    assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short",
        "a" * 65,
        "id with spaces",
        "1234567\r\nSet-Cookie: a=b",
        "<script>alert(1)</script>",
        "jane@doe.example",
        "ідентифікатор",
    ],
)
def test_a_request_id_that_is_not_plain_is_replaced(client, db, given):
    returned = client.get("/healthz", HTTP_X_REQUEST_ID=given)["X-Request-ID"]

    assert returned != given
    assert len(returned) == 32
    assert returned.isalnum()
