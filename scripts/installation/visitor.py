"""Somebody with a browser: TLS with the installation's own certificate, cookies, forms, a second step; no redirects unless asked."""

import hmac
import http.client
import re
import socket
import ssl
import struct
import time
from base64 import b32decode
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from scripts.installation.machine import HOST, Failed

SECONDS_OF_A_CODE = 30


class Visitor:
    def __init__(self, certificate: str):
        self.context = ssl.create_default_context(cadata=certificate)
        self.cookies: dict[str, str] = {}

    def connect(self) -> ssl.SSLSocket:
        line = socket.create_connection(("127.0.0.1", 443), 60)
        return self.context.wrap_socket(line, server_hostname=HOST)

    def ask(
        self, path: str, fields: dict[str, str] | None = None, *, file: tuple[str, str, bytes] | None = None, **headers
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """`file`: the name of its field, its own name, and what is in it."""
        line = http.client.HTTPSConnection(HOST, timeout=60)
        line.sock = self.connect()
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": f"https://{HOST}{path}",
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = None
        if file is not None:
            body, sent["Content-Type"] = in_parts(fields, *file)
        elif fields is not None:
            body, sent["Content-Type"] = urlencode(fields), "application/x-www-form-urlencoded"
        line.request("POST" if body is not None else "GET", path, body, sent)
        answer = line.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer, answer.read()

    def page(self, path: str) -> tuple[str, str]:
        """Where the address leads in the end, and what stands there."""
        for _ in range(8):
            answer, page = self.ask(path)
            if answer.status == 200:
                return path, page.decode()
            path = self.led(answer)
        raise Failed(f"{path} leads on and on.")

    def led(self, answer: http.client.HTTPResponse) -> str:
        if answer.status != 302:
            raise Failed(f"It was to lead on, and answered {answer.status}.")
        where = urlsplit(answer.headers["Location"])
        return f"{where.path}?{where.query}" if where.query else where.path

    def send(self, path: str, page: str, **given) -> tuple[http.client.HTTPResponse, bytes]:
        """The form of a page, filled in."""
        file = given.pop("file", None)
        return self.ask(path, fields_of(page) | given, file=file)

    def sign_in(self, address: str, password: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        path, page = self.page("/accounts/login/")
        return self.ask(path, fields_of(page) | {"login": address, "password": password}, **headers)

    def set_second_step_up(self, password: str) -> list[str]:
        """With an app that shows codes; gives the recovery codes."""
        path, page = self.page("/accounts/second-step/app/")
        if "/second-step/app/" not in path.partition("?")[0]:
            answer, _ = self.send(path, page, password=password)
            path, page = self.page(self.led(answer))
        (secret,) = codes_of(page, "[A-Z2-7]{32}")
        answer, _ = self.send(path, page, code=code_now(secret))
        _, page = self.page(self.led(answer))
        return codes_of(page, "[0-9a-f]{8}")


def codes_of(page: str, kind: str) -> list[str]:
    """What stands as code, without the gaps that help to read it."""
    shown = (re.sub(r"\s+", "", code) for code in re.findall(r"<code[^>]*>([^<]+)</code>", page))
    return [code for code in shown if re.fullmatch(kind, code)]


def in_parts(fields: dict[str, str], name: str, file_name: str, content: bytes) -> tuple[bytes, str]:
    edge = uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    parts.append(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'.encode() + content
    )
    return b"".join(parts) + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def code_now(secret: str) -> str:
    """What an app shows now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // SECONDS_OF_A_CODE)
    digest = hmac.digest(b32decode(secret), counter, "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


class _Fields(HTMLParser):
    """What the form of the main part sends if nobody touches it."""

    def __init__(self):
        super().__init__()
        self.is_in_main, self.found = False, {}

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        self.is_in_main = self.is_in_main or tag == "main"
        if self.is_in_main and tag == "input" and said.get("name"):
            is_chosen = said.get("type") not in ("radio", "checkbox") or "checked" in said
            if is_chosen and said.get("type") not in ("file", "submit"):
                self.found.setdefault(said["name"], said.get("value") or "")

    def handle_endtag(self, tag):
        self.is_in_main = self.is_in_main and tag != "main"


def fields_of(page: str) -> dict[str, str]:
    reader = _Fields()
    reader.feed(page)
    return reader.found
