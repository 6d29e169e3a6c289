# SPDX-License-Identifier: Apache-2.0
"""A way to something on this machine that can be shut: for what is away for a while and comes back as it was."""

import contextlib
import socket
import threading

from . import paths

BYTES = 65536


class Proxy:
    """with Proxy(port) as proxy: connect to proxy.port; shut() refuses and cuts, open() lets through again."""

    def __init__(self, to_port):
        self._to_port = to_port
        self.port = paths.free_port()
        self._listener = None
        self._sockets = set()
        self._lock = threading.Lock()

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
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(BYTES):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, *_):
        if self._listener:
            self.shut()
