# SPDX-License-Identifier: Apache-2.0
"""A way to something on this machine that can be shut: for what is away for a while and comes back as it was."""

import contextlib
import socket
import threading

from . import paths

BYTES = 65536


class Proxy:
    """with Proxy(port) as proxy: connect to proxy.port; shut() refuses and cuts, open() lets through again.
    hold() keeps back what clients send, until release(), as a network may: also when they are gone."""

    def __init__(self, to_port, port=None):
        self._to_port = to_port
        self.port = port or paths.free_port()
        self._listener = None
        self._sockets = set()
        self._lock = threading.Lock()
        self._lets_pass = threading.Event()
        self._lets_pass.set()

    def hold(self):
        self._lets_pass.clear()

    def release(self):
        self._lets_pass.set()

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
                threading.Thread(target=self._carry, args=(one, other, one is client), daemon=True).start()

    def _carry(self, one, other, is_clients):
        with contextlib.suppress(OSError):
            while data := one.recv(BYTES):
                if is_clients:
                    self._lets_pass.wait()
                other.sendall(data)
        if is_clients:
            self._lets_pass.wait()
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
