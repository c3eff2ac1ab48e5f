"""Methods that no page has, and folders that nobody may list."""

import pytest

from tests.test_permissions import ROWS


@pytest.mark.parametrize("method", ["trace", "put", "delete", "patch"])
def test_a_method_that_a_page_does_not_have_changes_and_echoes_nothing(as_, world, method):
    client = as_("officer")
    for name in sorted(name for name in ROWS if name.startswith("board:") and ROWS[name]["officer"] == 200):
        response = getattr(client, method)(world.address(name), headers={"x-secret": "pwned"})
        assert response.status_code in (302, 400, 401, 403, 404, 405), name
        assert b"pwned" not in response.content, name


@pytest.mark.parametrize(
    "folder", ["/static/", "/static", "/files/", "/evidence/", "/media/", "/var/mail/", "/accounts/"]
)
def test_no_folder_is_listed(as_, folder):
    assert as_("officer").get(folder).status_code in (301, 302, 404)
