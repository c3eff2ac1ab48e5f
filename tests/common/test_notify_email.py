"""Letters through GOV.UK Notify, against a local server that answers as it does; and how the way out is set."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection

from common.email_settings import settings_of, stays_here
from common.notify_email import NotifyError, token

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"


class FakeNotify(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append((self.path, self.headers["Authorization"], body))
        status, answer = self.server.answers.get(body["email_address"], (201, {"id": "740e5834"}))
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status in (301, 302, 303, 307, 308):
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        self.server.heard.append((self.path, self.headers["Authorization"], None))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        """Says nothing."""


@pytest.fixture
def notify(settings):
    server = HTTPServer(("127.0.0.1", 0), FakeNotify)
    server.heard, server.answers = [], {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.EMAIL_BACKEND = "common.notify_email.EmailBackend"
    settings.NOTIFY_ADDRESS = f"http://127.0.0.1:{server.server_port}"
    settings.NOTIFY_API_KEY = f"reminders-{SERVICE}-{SECRET}"
    settings.NOTIFY_TEMPLATE_ID = "f33517ff-2a88-4f6e-b855-c550268ce08a"
    yield server
    server.shutdown()
    server.server_close()


def letter(*to, cc=()) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives("Two actions to update", "Dear lead,\nplease.", to=to, cc=cc)
    message.attach_alternative("<p>Dear lead</p>", "text/html")
    return message


def unpacked(part: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_letter_goes_as_the_template_s_subject_and_body(notify):
    assert letter("lead@northvale.example").send() == 1

    ((path, authorization, body),) = notify.heard
    assert path == "/v2/notifications/email"
    assert authorization.startswith("Bearer ")
    assert body == {
        "email_address": "lead@northvale.example",
        "template_id": "f33517ff-2a88-4f6e-b855-c550268ce08a",
        "personalisation": {"subject": "Two actions to update", "body": "Dear lead,\nplease."},
    }


def test_copies_are_letters_of_their_own(notify):
    letter("lead@northvale.example", cc=["officer@northvale.example"]).send()
    assert [body["email_address"] for _, _, body in notify.heard] == [
        "lead@northvale.example",
        "officer@northvale.example",
    ]


def test_the_token_is_signed_with_the_key_and_names_the_service():
    header, claims, signature = token(SERVICE, SECRET, now=1_790_000_000.7).split(".")

    assert unpacked(header) == {"typ": "JWT", "alg": "HS256"}
    assert unpacked(claims) == {"iss": SERVICE, "iat": 1_790_000_000}
    expected = hmac.new(SECRET.encode(), f"{header}.{claims}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)) == expected


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((400, {"errors": [{"error": "BadRequestError", "message": "Can't send to this recipient"}]}), "Can't send to"),
        ((403, {"errors": [{"error": "AuthError", "message": "Invalid token: API key not found"}]}), "403"),
        ((429, {"errors": [{"error": "TooManyRequestsError", "message": "Exceeded send limits"}]}), "Exceeded"),
        ((502, b"<html>Bad gateway</html>"), "502"),
    ],
)
def test_a_refusal_is_raised_in_notify_s_words_and_without_the_key(notify, answer, said):
    notify.answers["lead@northvale.example"] = answer
    with pytest.raises(NotifyError, match=said) as refusal:
        letter("lead@northvale.example").send()
    assert SECRET not in str(refusal.value)


def test_a_refusal_is_silent_where_that_was_asked(notify):
    notify.answers["lead@northvale.example"] = (400, {"errors": []})
    assert get_connection(fail_silently=True).send_messages([letter("lead@northvale.example")]) == 0


def test_a_server_that_is_not_there_is_said_to_be_so(notify, settings):
    settings.NOTIFY_ADDRESS = "http://127.0.0.1:9"
    with pytest.raises(NotifyError, match="not reached"):
        letter("lead@northvale.example").send()


@pytest.mark.parametrize("key", ["", "reminders", f"{SERVICE}"])
def test_a_key_that_is_none_is_said_at_once(notify, settings, key):
    settings.NOTIFY_API_KEY = key
    with pytest.raises(ImproperlyConfigured, match="NOTIFY_API_KEY"):
        get_connection()


# How the way out is set


def test_one_address_says_how_letters_leave():
    found = settings_of("smtp://tracker%40x:p%3Aw@mail.example:587/?tls=1")

    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", 587)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("tracker@x", "p:w")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (True, False)
    assert settings_of("smtps://mail.example")["EMAIL_USE_SSL"] is True
    assert settings_of("smtps://mail.example")["EMAIL_PORT"] == 465
    assert settings_of("file:///var/mail/out")["EMAIL_FILE_PATH"] == "/var/mail/out"
    assert settings_of("notify:") == {"EMAIL_BACKEND": "common.notify_email.EmailBackend"}
    assert settings_of("") == {}


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "SMTP"])
def test_an_address_of_another_kind_is_refused_with_the_kinds_there_are(url):
    with pytest.raises(ImproperlyConfigured, match="smtp, smtps, file, console, notify"):
        settings_of(url)


@pytest.mark.parametrize(
    ("backend", "stays"),
    [
        ("django.core.mail.backends.filebased.EmailBackend", True),
        ("django.core.mail.backends.console.EmailBackend", True),
        ("django.core.mail.backends.smtp.EmailBackend", False),
        ("common.notify_email.EmailBackend", False),
    ],
)
def test_what_stays_on_the_machine_is_known(backend, stays):
    assert stays_here(backend) is stays


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_where_notify_leads_elsewhere_nobody_follows(notify, status):
    notify.answers["lead@example.test"] = (status, {})
    with pytest.raises(NotifyError, match=str(status)):
        letter("lead@example.test").send()
    assert [path for path, _, _ in notify.heard] == ["/v2/notifications/email"]
