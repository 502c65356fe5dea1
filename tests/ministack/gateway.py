"""One address for the API, known before it is deployed.

AWS gives an API a domain. MiniStack serves it below a path or under a host name that need not
resolve; this hands requests from an address of loopback on to that path, as a domain name of one's
own would: method, path, query, headers and body stay what they are. The path rather than the host
name, because under the latter MiniStack loses the trailing slash of a path of one segment.
"""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# They are about one connection, and these are two.
HOP_BY_HOP = {
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
SECONDS_MAX = 30  # As API Gateway has it.


class Gateway:
    """Listens from the start, and answers 503 until it is told which API it stands for."""

    def __init__(self, emulator_port: int):
        self.api_id = None
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # Headers and body are two writes.

            def log_message(self, *_):
                pass

            def __getattr__(self, name):
                if name.startswith("do_"):
                    return self._forward
                raise AttributeError(name)

            def _forward(self):
                if gateway.api_id is None:
                    return self._answer(503, "Service Unavailable", [], b"")
                if "transfer-encoding" in self.headers:
                    self.close_connection = True
                    return self._answer(411, "Length Required", [], b"")
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                upstream = http.client.HTTPConnection("127.0.0.1", emulator_port, timeout=SECONDS_MAX)
                try:
                    path = f"/_aws/execute-api/{gateway.api_id}/$default{self.path}"
                    upstream.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() not in HOP_BY_HOP:
                            upstream.putheader(name, value)
                    if body or self.command in ("POST", "PUT", "PATCH"):
                        upstream.putheader("content-length", str(len(body)))
                    upstream.endheaders(body)
                    answer = upstream.getresponse()
                    self._answer(answer.status, answer.reason, answer.getheaders(), answer.read())
                except (OSError, ValueError, http.client.HTTPException):
                    self._answer(502, "Bad Gateway", [], b"")
                finally:
                    upstream.close()

            def _answer(self, status, reason, headers, body):
                self.send_response_only(status, reason)
                for name, value in headers:
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                if status not in (204, 304):
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
