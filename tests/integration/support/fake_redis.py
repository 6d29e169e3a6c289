# SPDX-License-Identifier: Apache-2.0
"""A server that speaks enough of Redis to be greeted, and says of itself what the test wants: for versions and
modes that are not installed."""

import socketserver
import threading

INFO = {"redis_version": "7.0.0", "redis_mode": "standalone", "role": "master", "maxmemory_policy": "noeviction"}


class FakeRedis:
    """with FakeRedis(redis_version="5.0.7") as url: ..."""

    def __init__(self, **info):
        text = "".join(f"{name}:{value}\r\n" for name, value in {**INFO, **info}.items()).encode()
        answers = {b"PING": b"+PONG\r\n", b"INFO": b"$%d\r\n%s\r\n" % (len(text), text)}

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while line := self.rfile.readline():
                    words = []
                    for _ in range(int(line[1:])):
                        size = int(self.rfile.readline()[1:])
                        words.append(self.rfile.read(size + 2)[:-2])
                    self.wfile.write(answers.get(words[0], b"+OK\r\n"))

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"redis://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
