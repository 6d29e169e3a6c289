# SPDX-License-Identifier: Apache-2.0
"""A way to something on this machine that can be shut: for what is away for a while and comes back as it was."""

import contextlib
import socket
import threading

from . import paths

BYTES = 65536


class Proxy:
    """with Proxy(port) as proxy: connect to proxy.port; shut() refuses and cuts, open() lets through again.
    hold() keeps back what the clients of now send, until release(), as a network may: also when they are gone."""

    def __init__(self, to_port, port=None):
        self._to_port = to_port
        self.port = port or paths.free_port()
        self._listener = None
        self._sockets = set()
        self._lock = threading.Lock()
        self._held = self._passing()
        self._lets_pass = self._passing()

    @staticmethod
    def _passing():
        passing = threading.Event()
        passing.set()
        return passing

    def hold(self):
        self._lets_pass.clear()
        self._held, self._lets_pass = self._lets_pass, self._passing()

    def release(self):
        self._held.set()

    def open(self):
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self):
        with self._lock:
            listener, self._listener = self._listener, None
            going, self._sockets = self._sockets, set()
        # A thread that waits in accept() keeps the port open until it is told.
        for one in (listener, *going):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to_port))
            except OSError:
                return
            with self._lock:
                if self._listener is not listener:
                    client.close()
                    server.close()
                    return
                self._sockets |= {client, server}
            lets_pass = self._lets_pass
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=(one, other, lets_pass if one is client else None), daemon=True).start()

    def _carry(self, one, other, lets_pass):
        with contextlib.suppress(OSError):
            while data := one.recv(BYTES):
                if lets_pass:
                    lets_pass.wait()
                other.sendall(data)
        if lets_pass:
            lets_pass.wait()
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, *_):
        self.release()
        if self._listener:
            self.shut()
