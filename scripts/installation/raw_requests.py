"""Requests that two servers might read differently (request smuggling), written byte by byte.

Behind each stands a second request that only one of two servers that differ would see. nginx gives every request that it sees an id and
writes it down; the SEND tracker writes the id that it was handed, or makes one of its own. So a request that the SEND tracker saw
and nginx did not has an id that nginx never wrote.
"""

import re
import socket
from collections.abc import Callable

from scripts.installation.machine import HOST

SECONDS_OF_SILENCE = 1.0
BEHIND = f"GET /smuggled HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"


def post(*headers: str, body: str = "", host: str = f"Host: {HOST}", version: str = "1.1") -> bytes:
    lines = [f"POST /healthz HTTP/{version}", *([host] if host else []), *headers, "", ""]
    return ("\r\n".join(lines) + body).encode("latin-1")


def get(line: str, *headers: str) -> bytes:
    return ("\r\n".join([line, *headers, "", ""]) + BEHIND).encode("latin-1")


def said_by(transfer_encoding: str) -> bytes:
    """A length that holds the second request, and a body in chunks that ends before it."""
    return post(f"Content-Length: {len(BEHIND) + 5}", transfer_encoding, body="0\r\n\r\n" + BEHIND)


def in_chunks(chunks: str) -> bytes:
    return post(CHUNKED, body=chunks + BEHIND)


def of_length(*lengths: str, body: str = "12345") -> bytes:
    return post(*(f"Content-Length: {length}" for length in lengths), body=body + BEHIND)


OWN = f"Host: {HOST}"
GROUPS: dict[str, dict[str, bytes]] = {
    "a length and chunks": {
        "the length holds the second request": said_by(CHUNKED),
        "the chunks hold the second request": post(
            "Content-Length: 4", CHUNKED, body=f"{len(BEHIND):x}\r\n{BEHIND}\r\n0\r\n\r\n"
        ),
        "chunks named first": post(CHUNKED, "Content-Length: 5", body="0\r\n\r\n" + BEHIND),
        "in HTTP/1.0": post(f"Content-Length: {len(BEHIND) + 5}", CHUNKED, body="0\r\n\r\n" + BEHIND, version="1.0"),
    },
    "lengths": {
        "two that differ": of_length("5", "0"),
        "two that differ, the other way": of_length("0", "5"),
        "the same twice": of_length("5", "5"),
        "a list": of_length("5, 5"),
        "with a plus": of_length("+5"),
        "below nothing": of_length("-5"),
        "in hexadecimal": of_length("0x5"),
        "with a gap": of_length("5 5"),
        "no number": of_length("five"),
        "with an underscore inside": of_length("1_0"),
        "longer than any number": of_length("5" * 40),
        "none written": of_length(""),
        "under a name with an underscore": post("Content_Length: 5", body=BEHIND),
    },
    "names of chunks": {
        "a space before the colon": said_by("Transfer-Encoding : chunked"),
        "a tab before the colon": said_by("Transfer-Encoding\t: chunked"),
        "a space before the name": said_by(" Transfer-Encoding: chunked"),
        "folded (obs-fold)": said_by("Transfer-Encoding:\r\n chunked"),
        "folded with a tab": said_by("Transfer-Encoding:\r\n\tchunked"),
        "a vertical tab": said_by("Transfer-Encoding: \x0bchunked"),
        "a NUL": said_by("Transfer-Encoding: chunked\x00"),
        "another word": said_by("Transfer-Encoding: xchunked"),
        "quoted": said_by('Transfer-Encoding: "chunked"'),
        "in capitals": said_by("Transfer-Encoding: CHUNKED"),
        "identity": said_by("Transfer-Encoding: identity"),
        "identity after it": said_by("Transfer-Encoding: chunked, identity"),
        "identity before it": said_by("Transfer-Encoding: identity, chunked"),
        "twice": said_by("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        "twice, one unknown": said_by("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow"),
        "an underscore in the name": said_by("Transfer_Encoding: chunked"),
        "behind a CR alone": said_by("X-Other: 1\rTransfer-Encoding: chunked"),
        "behind an LF alone": said_by("X-Other: 1\nTransfer-Encoding: chunked"),
        "with compression": said_by("Transfer-Encoding: gzip, chunked"),
    },
    "sizes of chunks": {
        "below nothing": in_chunks("-1\r\n1\r\n0\r\n\r\n"),
        "with a plus": in_chunks("+1\r\n1\r\n0\r\n\r\n"),
        "with 0x": in_chunks("0x1\r\n1\r\n0\r\n\r\n"),
        "no number": in_chunks("z\r\n1\r\n0\r\n\r\n"),
        "longer than any number": in_chunks("f" * 17 + "\r\n1\r\n0\r\n\r\n"),
        "an underscore inside": in_chunks("1_0\r\n1\r\n0\r\n\r\n"),
        "a space before": in_chunks(" 1\r\n1\r\n0\r\n\r\n"),
        "a space behind": in_chunks("1 \r\n1\r\n0\r\n\r\n"),
        "an extension": in_chunks("1;a=b\r\n1\r\n0\r\n\r\n"),
        "an extension with an LF": in_chunks("1;a\n1\r\n0\r\n\r\n"),
        "an LF alone behind the size": in_chunks("1\n1\n0\n\n"),
        "no line end behind the chunk": in_chunks("1\r\n10\r\n\r\n"),
        "more than was said": in_chunks("1\r\n1234\r\n0\r\n\r\n"),
        "none": in_chunks("\r\n1\r\n0\r\n\r\n"),
        "a trailer": in_chunks("1\r\n1\r\n0\r\nContent-Length: 50\r\nX-Forwarded-For: 198.51.100.9\r\n\r\n"),
        "a trailer that never ends": in_chunks("1\r\n1\r\n0\r\nX-Other: 1\r\n"),
    },
    "lines and names": {
        "an LF alone everywhere": f"GET /healthz HTTP/1.1\nHost: {HOST}\n\n{BEHIND}".encode(),
        "a CR alone between lines": f"GET /healthz HTTP/1.1\rHost: {HOST}\r\r".encode() + BEHIND.encode(),
        "a CR inside a value": get("GET /healthz HTTP/1.1", OWN, "X-Other: 1\r2"),
        "a NUL inside a value": get("GET /healthz HTTP/1.1", OWN, "X-Other: 1\x002"),
        "a NUL inside a name": get("GET /healthz HTTP/1.1", OWN, "X-Ot\x00her: 1"),
        "a space inside a name": get("GET /healthz HTTP/1.1", OWN, "X Other: 1"),
        "a line without a colon": get("GET /healthz HTTP/1.1", OWN, "X-Other"),
        "a name of nothing": get("GET /healthz HTTP/1.1", OWN, ": 1"),
        "folded (obs-fold)": get("GET /healthz HTTP/1.1", OWN, "X-Other: 1\r\n 2"),
        "a folded first line": get("GET /healthz HTTP/1.1", " X-Other: 1", OWN),
        "blank lines before": b"\r\n\r\n" + get("GET /healthz HTTP/1.1", OWN),
        "a space before the method": get(" GET /healthz HTTP/1.1", OWN),
        "two spaces between": get("GET  /healthz  HTTP/1.1", OWN),
        "a tab between": get("GET\t/healthz\tHTTP/1.1", OWN),
        "a word behind the version": get("GET /healthz HTTP/1.1 more", OWN),
        "no version (HTTP/0.9)": b"GET /healthz\r\n\r\n" + BEHIND.encode(),
        "version 1.10": get("GET /healthz HTTP/1.10", OWN),
        "version 2.0 in words": get("GET /healthz HTTP/2.0", OWN),
        "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + BEHIND.encode(),
        "a method in small letters": get("get /healthz HTTP/1.1", OWN),
        "a line of 9,000 characters": get(f"GET /healthz?{'a' * 9000} HTTP/1.1", OWN),
    },
    "hosts and addresses": {
        "an address in full": get(f"GET http://{HOST}/healthz HTTP/1.1", OWN),
        "an address in full, of elsewhere": get("GET http://elsewhere.example/healthz HTTP/1.1", OWN),
        "an address in full, the host of elsewhere": get(f"GET http://{HOST}/healthz HTTP/1.1", "Host: elsewhere.example"),
        "two hosts": get("GET /healthz HTTP/1.1", OWN, "Host: elsewhere.example"),
        "the same host twice": get("GET /healthz HTTP/1.1", OWN, OWN),
        "no host": get("GET /healthz HTTP/1.1"),
        "an address in place of the host": get("GET /healthz HTTP/1.1", f"Host: {HOST}@elsewhere.example"),
        "a fragment": get("GET /healthz#part HTTP/1.1", OWN),
        "a line end written as %0d%0a": get("GET /healthz%0d%0aX-Other:%201 HTTP/1.1", OWN),
        "CONNECT": get(f"CONNECT {HOST}:443 HTTP/1.1", OWN),
        "a star": get("OPTIONS * HTTP/1.1", OWN),
    },
    "going over to something else": {
        "Upgrade: h2c": get("GET /healthz HTTP/1.1", OWN, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                           "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"),
        "Upgrade: websocket": get("GET /healthz HTTP/1.1", OWN, "Connection: Upgrade", "Upgrade: websocket",
                                 "Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="),
        "Expect: 100-continue": post("Content-Length: 5", "Expect: 100-continue", body="12345" + BEHIND),
        "Expect of something else": post("Content-Length: 5", "Expect: 200-ok", body="12345" + BEHIND),
        "Connection takes the length away": post("Content-Length: 5", "Connection: close, Content-Length", body="12345" + BEHIND),
        "a GET with a length": get("GET /healthz HTTP/1.1", OWN, f"Content-Length: {len(BEHIND)}"),
        "a GET in chunks": get("GET /healthz HTTP/1.1", OWN, CHUNKED),
        "what a proxy says, by a visitor": get("GET /healthz HTTP/1.1", OWN, "X-Forwarded-For: 198.51.100.9",
                                              "X_Forwarded_For: 198.51.100.9", "X-Forwarded-Proto: http",
                                              "X-Request-ID: chosen-by-visitor"),
    },
}  # fmt: skip


def answers(line: socket.socket, raw: bytes) -> str:
    """The codes that come back, and whether the server then waits for more; `shut` where it says nothing."""
    line.settimeout(SECONDS_OF_SILENCE)
    said, ending = b"", ""
    try:
        line.sendall(raw)
        while piece := line.recv(65536):
            said += piece
    except TimeoutError:
        ending = "waits"
    except OSError:
        ending = ""
    finally:
        line.close()
    codes = [code.decode() for code in re.findall(rb"HTTP/1\.[01] (\d{3}) ", said)]
    if said and not codes:
        codes = ["answered without a code"]
    return ", ".join([*codes, *([ending] if ending and not codes else [])]) or "shut"


def tried(connect: Callable[[], socket.socket]) -> dict[tuple[str, str], str]:
    return {(group, name): answers(connect(), raw) for group, cases in GROUPS.items() for name, raw in cases.items()}
