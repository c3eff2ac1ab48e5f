"""A cable between the pages and a database, which can be cut: what is sent is swallowed, and nobody is told.

A stopped server refuses at once; a machine or a network that is gone says nothing at all. So the sockets of the cable get
a filter by which the kernel drops all that comes, before it would acknowledge anything. Linux alone has it.
"""

import ctypes
import socket
import struct
from contextlib import suppress
from threading import Thread

SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27  # which Python's socket module does not name
DROP_ALL = struct.pack("HBBI", 0x06, 0, 0, 0)  # one instruction of BPF: keep no byte of it


class Cable:
    """Listens on `port`, and leads to another port of this machine."""

    def __init__(self, to: int):
        self.to = to
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.near: list[socket.socket] = [self.listening]
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        kept = ctypes.create_string_buffer(DROP_ALL)
        program = struct.pack("HP", 1, ctypes.addressof(kept))
        for end in self._open_ends():
            end.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)

    def mend(self) -> None:
        for end in self._open_ends():
            end.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)

    def close(self) -> None:
        for end in self._open_ends():
            end.close()

    def _open_ends(self) -> list[socket.socket]:
        return [end for end in self.near if end.fileno() >= 0]

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self.listening.accept()
                self._lead_on(near)

    def _lead_on(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.to))
        except OSError:  # nobody is there
            near.close()
            return
        self.near.append(near)
        for one, other in ((near, far), (far, near)):
            Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
