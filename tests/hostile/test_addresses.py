"""Where a page leads, what it is asked by, and what it says of itself: redirects, hosts, paths, headers, sizes."""

from urllib.parse import quote, urlsplit

import pytest
from django.urls import reverse

from people.access_tokens import make_token
from people.models import User
from tests.hostile.payloads import CHARACTERS, ELSEWHERE, HOSTS, LINE_ENDS, LOOKUPS, PATHS, QUERIES
from tests.world import at

PASSWORD = "look-around-the-board"
FINE = (200, 302, 400, 403, 404, 405)


def is_ours(location: str) -> bool:
    """As a browser would take it, which reads a backslash as a slash and drops tabs and line ends."""
    read = location.replace("\\", "/").translate({9: None, 10: None, 13: None}).strip()
    parts = urlsplit(read)
    return not read.startswith("//") and parts.netloc in ("", "testserver") and parts.scheme in ("", "http")


@pytest.fixture
def somebody(world) -> User:
    user = world.people["lead"]
    user.set_password(PASSWORD)
    user.save()
    return user


# Redirects


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_signing_in_leads_nowhere_else(client, somebody, elsewhere):
    client.raise_request_exception = False
    sent = {"login": somebody.email, "password": PASSWORD, "next": elsewhere}
    for address in (reverse("account_login"), f"{reverse('account_login')}?next={quote(elsewhere)}"):
        response = client.post(address, sent)
        assert response.status_code in (200, 302, 400)
        assert is_ours(response.get("Location", ""))
        client.logout()


@pytest.mark.parametrize(
    "name", ["account_logout", "account_reauthenticate", "mfa_reauthenticate", "account_login", "mfa_index"]
)
@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_page_of_signing_in_leads_elsewhere(as_, somebody, name, elsewhere):
    client = as_("lead")
    for response in (
        client.get(reverse(name), {"next": elsewhere}),
        client.post(f"{reverse(name)}?next={quote(elsewhere)}", {"next": elsewhere, "password": PASSWORD}),
    ):
        assert response.status_code in FINE
        assert is_ours(response.get("Location", ""))


@pytest.mark.parametrize("elsewhere", [*ELSEWHERE, "999999999", "board:home", "no-such-name", "."])
def test_a_press_leads_back_by_a_path_alone(as_, world, elsewhere):
    """`redirect()` would take a word without a slash for the name of an address."""
    response = as_("lead").post(world.address("workstrands:no-change"), {"seen_number": 1, "next": elsewhere})
    assert response.status_code == 302
    assert is_ours(response["Location"])
    assert response["Location"].startswith("/")


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/%2e%2e", "/%5Cevil.example", "//evil.example%2f.."])
def test_an_address_without_its_last_slash_leads_nowhere_else(as_, path):
    response = as_("lead").get(path)
    assert response.status_code in (301, 302, 404)
    assert is_ours(response.get("Location", ""))


# Hosts


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused_and_in_no_letter(client, somebody, settings, mailoutbox, host):
    settings.ALLOWED_HOSTS = ["testserver"]
    client.raise_request_exception = False
    response = client.post(reverse("account_reset_password"), {"email": somebody.email}, HTTP_HOST=host)
    assert response.status_code == 400 or "evil" not in host
    assert not [letter for letter in mailoutbox if "evil" in letter.body]


@pytest.mark.parametrize(
    "header", ["HTTP_X_FORWARDED_HOST", "HTTP_X_HOST", "HTTP_FORWARDED", "HTTP_X_ORIGINAL_URL", "HTTP_X_REWRITE_URL"]
)
def test_a_header_of_a_proxy_changes_no_address(client, somebody, mailoutbox, header):
    value = "host=evil.example" if header == "HTTP_FORWARDED" else "evil.example"
    client.post(reverse("account_reset_password"), {"email": somebody.email}, **{header: value})
    assert len(mailoutbox) == 1
    assert "evil" not in mailoutbox[0].body
    assert "//testserver/accounts/password/reset/key/" in mailoutbox[0].body


def test_asking_for_a_password_tells_nobody_who_has_a_sign_in(client, somebody, mailoutbox):
    """The answers for a known and an unknown address are the same, and the unknown one gets no letter."""
    known = client.post(reverse("account_reset_password"), {"email": somebody.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.test"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [letter.to for letter in mailoutbox] == [[somebody.email]]


# Paths


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("under", ["/static/", "/", "/northvale/evidence/", "/northvale/documents/"])
def test_no_path_leads_out_of_its_folder(as_, under, path):
    response = as_("officer").get(under + path)
    content = b"".join(response) if response.streaming else response.content
    assert response.status_code in (301, 302, 400, 404), path
    assert is_ours(response.get("Location", ""))
    assert b"root:" not in content
    assert b"SECRET_KEY" not in content


NAMES = ["../../../etc/passwd", "..\\..\\win.ini", "/etc/passwd", "C:\\a.csv", "a\x00.csv", "a\r\nX: y.csv", "x" * 5000 + ".csv",
         ".htaccess", "con.csv", "\u202evsc.exe", "<script>pwned()</script>.csv", "", " ", "...", "a.csv/", "%2e%2e%2fa.csv"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "page", ["board:plan-import", "board:figures", "board:import", "board:my-workbook", "board:evidence-add"]
)
def test_the_name_of_a_file_is_a_word_and_no_path(as_, world, files_apart, page, name):
    one = f'Content-Disposition: form-data; name="FIELD"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\nKPI\r\n'
    parts = [f"--x\r\n{one.replace('FIELD', field)}" for field in ("file", "data_file", "piece", "upload")]
    body = "".join(parts) + "--x--\r\n"
    response = as_("officer").post(world.address(page), body.encode(), content_type="multipart/form-data; boundary=x")
    assert response.status_code in FINE
    assert "\n" not in response.get("Location", "")
    assert not [path for path in files_apart.rglob("*") if path.suffix in (".csv", ".ini", ".exe")]


# Headers and sizes


@pytest.mark.parametrize("end", LINE_ENDS)
def test_no_line_end_reaches_a_header(as_, world, end):
    client = as_("officer")
    for response in (
        client.post(world.address("workstrands:no-change"), {"seen_number": 1, "next": f"/my/{end}"}),
        client.get(world.address("board:current-actions"), {"q": end}),
        client.get(world.address("board:actions"), {"q": end, "_export": "csv"}),
        client.get(world.address("board:papers"), {"format": f"pdf{end}"}),
        client.get(world.address("board:area"), HTTP_X_REQUEST_ID=f"0123456789{end}"),
        client.get(f"/northvale/{quote(end)}"),
    ):
        assert response.status_code in FINE
        assert "Set-Cookie" not in response.headers
        assert not [value for value in response.headers.values() if "\n" in value or "\r" in value]


@pytest.mark.parametrize("name", ["board:area", "board:actions", "board:search", "account_login"])
def test_what_is_far_too_long_is_answered(as_, world, name):
    client, address = as_("officer"), world.address(name)
    long = "x" * 60_000
    assert client.get(address, {"q": long}).status_code in FINE
    assert client.get(address, {long: "1"}).status_code in FINE
    assert client.get(f"{address}?{'&'.join(f'f{i}=1' for i in range(6000))}").status_code in FINE
    assert client.get(address, HTTP_USER_AGENT=long, HTTP_REFERER=long, HTTP_ACCEPT_LANGUAGE=long).status_code in FINE
    refused = client.get(address, HTTP_COOKIE=f"sessionid={long}; csrftoken={long}")
    assert (refused.status_code, "Clear those of this site" in refused.text) == (400, True)
    assert client.get(f"/northvale/{long}/").status_code in (400, 404)


# What is asked of the database


@pytest.mark.parametrize(
    "name", ["board:search", "board:actions", "board:kpis", "board:risks", "board:evidence", "board:audit"]
)
def test_no_question_breaks_out_of_its_query(as_, world, name):
    client = as_("administrator" if name == "board:audit" else "officer")
    before = User.objects.count()
    for query in [*QUERIES, *(text for kind, text in CHARACTERS.items() if "half" not in kind)]:
        response = client.get(world.address(name), dict.fromkeys(["q", "lead", "person", "kind", "from"], query))
        assert response.status_code in (200, 400, 404), query
        assert "OperationalError" not in response.text
    assert User.objects.count() == before


@pytest.mark.parametrize("name", ["board:actions", "board:kpis", "board:risks", "board:evidence", "board:search"])
def test_a_filter_that_was_not_offered_narrows_nothing(as_, world, name):
    client = as_("officer")
    plain = client.get(world.address(name), {"q": ""})
    for lookup in LOOKUPS:
        asked = client.get(world.address(name), {"q": "", lookup: "m"})
        assert asked.status_code in (200, 404), lookup
        assert asked.status_code == 404 or asked.text.count("<tr") == plain.text.count("<tr"), lookup


@pytest.mark.parametrize("resource", ["actions", "kpis", "measurements", "risks"])
def test_the_api_takes_no_filter_that_it_does_not_name(world, client, resource):
    token = make_token(world.area, "For a test", by=world.people["officer"], at=at(2026, 3, 1))
    client.raise_request_exception = False
    for query in [*({lookup: "m"} for lookup in LOOKUPS), *({"q": query} for query in QUERIES[:20])]:
        response = client.get(f"/northvale/api/v1/{resource}/", query, HTTP_AUTHORIZATION=f"Bearer {token}")
        assert response.status_code in (200, 400, 404), query
        assert b"md5$" not in response.content, query
