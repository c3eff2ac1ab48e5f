"""How much may be sent: refused by its stated size, before any of it is read."""

import io
import re
from pathlib import Path

import pytest
from django.conf import settings as own
from django.urls import get_resolver

from send_tracker.body_bounds import MB, bounds, most_for
from tests.world import BACKEND, build_world


class Unread(io.BytesIO):
    """A body that says whether somebody has read of it."""

    was_read = False

    def read(self, *args):
        self.was_read = True
        return b""


def send(client, path: str, **meta):
    body = Unread()
    answer = client.generic(
        "POST", path, **{"CONTENT_TYPE": "application/x-www-form-urlencoded", "wsgi.input": body, **meta}
    )
    return answer, body


@pytest.fixture
def world(db):
    return build_world()


@pytest.mark.parametrize(
    "name", ["account_login", "board:action-add", "workstrands:update", "board:evidence-add", "board:import"]
)
def test_too_much_is_refused_unread_by_a_page_that_says_how_much_it_takes(client, world, name):
    client.force_login(world.people["officer"], backend=BACKEND)
    path = world.address(name)
    answer, body = send(client, path, CONTENT_LENGTH=str(most_for(name) + 1))

    assert answer.status_code == 413
    assert f"This page takes {most_for(name) // MB} MB at most" in answer.text
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not body.was_read


@pytest.mark.parametrize(("meta", "status"), [({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}, 411), ({"CONTENT_LENGTH": "many"}, 400), ({"CONTENT_LENGTH": "-5"}, 400), ({"CONTENT_LENGTH": "9" * 3000}, 413)])  # fmt: skip
def test_a_size_that_is_none_is_refused(client, db, meta, status):
    answer, body = send(client, "/accounts/login/", **meta)

    assert answer.status_code == status
    assert not body.was_read


def test_pages_that_take_files_take_more_than_those_that_do_not():
    plain = most_for("board:action-add")

    assert plain == own.DATA_UPLOAD_MAX_MEMORY_SIZE + 1 * MB
    assert all(most > plain for most in bounds().values())
    assert most_for("workstrands:update") >= 2 * own.EVIDENCE_MAX_BYTES


def test_the_web_server_lets_through_what_each_page_takes(world):
    """nginx's own bounds stand a little above, so that the page of the product says it."""
    text = (Path(own.BASE_DIR) / "deploy/nginx/send-tracker.conf").read_text()
    places = re.findall(r"location ~ (\S+) \{\s+client_max_body_size (\d+)m;", text)
    everywhere = int(re.search(r"^    client_max_body_size (\d+)m;", text, re.MULTILINE)[1])

    assert everywhere * MB >= most_for(None)
    for name, most in bounds().items():
        allowed = [int(size) for pattern, size in places if re.search(pattern, world.address(name))]
        assert allowed, f"nginx knows nothing of {name}"
        assert allowed[0] * MB >= most, name


def test_every_page_with_a_bound_of_its_own_is_an_address():
    known = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    for namespace, (_, resolver) in get_resolver().namespace_dict.items():
        known |= {f"{namespace}:{name}" for name in resolver.reverse_dict if isinstance(name, str)}

    assert set(bounds()) <= known
