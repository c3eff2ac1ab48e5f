"""A service of breached passwords on this machine: real HTTP, with the answers that a test gives it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

OTHERS = "\r\n".join(f"{number:035X}:{number + 1}" for number in range(900))


def digest_of(password: str) -> str:
    return sha1(password.encode()).hexdigest().upper()


def seen(password: str, times: int) -> bytes:
    """As the service writes it: the rest of each digest and how often it was seen, one a line."""
    return f"{OTHERS}\r\n{digest_of(password)[5:]}:{times}".encode()


@dataclass
class Service:
    address: str
    body: bytes = OTHERS.encode()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before: float = 0  # seconds until it begins to answer
    drops: bool = False  # a byte at a time
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    over: Event = field(default_factory=Event)


@contextmanager
def serving() -> Iterator[Service]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.service = Service(f"http://127.0.0.1:{server.server_port}/range/")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.service
    finally:
        server.service.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        service = self.server.service
        service.heard.append((self.path, dict(self.headers)))
        service.over.wait(service.before)
        self.send_response(service.status)
        for name, value in service.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.give(service)

    def give(self, service: Service) -> None:
        step = 1 if service.drops else len(service.body) or 1
        try:
            for start in range(0, len(service.body), step):
                self.wfile.write(service.body[start : start + step])
                if service.drops and service.over.is_set():
                    return
                time.sleep(0.05 if service.drops else 0)
        except OSError:
            pass  # nobody listens any more

    def log_message(self, *args):
        """Nothing: tests read what was heard."""
