# SPDX-License-Identifier: Apache-2.0
"""Stands between Ebb and the world's SQS, and sees every call. A DeleteMessageBatch it may carry out only in part, which
the world never does by itself: of a batch SQS may refuse some and do the others."""

import contextlib
import http.client
import http.server
import json
import threading
import urllib.parse

TIMEOUT_S = 60


class SqsProxy:
    """calls: names of the operations, in order of their arrival. refuse_deletions: how many entries are still refused."""

    def __init__(self, world, refuse_deletions=0):
        self.world = world
        self.calls = []
        self.refuse_deletions = refuse_deletions
        self.sqs = world.client("sqs")
        self.lock = threading.Lock()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, headers, answer = proxy.answer(self.path, self.headers, body)
                # The client may have ended, as one that is stopped does.
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, headers, body):
        operation = headers.get("x-amz-target", "").split(".")[-1]
        with self.lock:
            self.calls.append(operation)
        if operation == "DeleteMessageBatch" and self.refuse_deletions:
            return 200, {"content-type": "application/x-amz-json-1.0"}, self._delete_others(json.loads(body))
        return self._pass_on(path, headers, body)

    def _delete_others(self, asked):
        """As a caller of its own, since what was asked is signed as a whole."""
        with self.lock:
            n = min(self.refuse_deletions, len(asked["Entries"]))
            self.refuse_deletions -= n
        refused, others = asked["Entries"][:n], asked["Entries"][n:]
        done = []
        if others:
            done = self.sqs.delete_message_batch(QueueUrl=asked["QueueUrl"], Entries=others)["Successful"]
        failed = [{"Id": e["Id"], "SenderFault": False, "Code": "InternalError", "Message": "not now"} for e in refused]
        return json.dumps({"Successful": done, "Failed": failed}).encode()

    def _pass_on(self, path, headers, body):
        """With the host the caller signed for."""
        connection = http.client.HTTPConnection(urllib.parse.urlparse(self.world.endpoint).netloc, timeout=TIMEOUT_S)
        try:
            connection.putrequest("POST", path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, {"content-type": answer.getheader("content-type", "")}, answer.read()
        finally:
            connection.close()
