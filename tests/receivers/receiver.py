import http.server, json, os
from standardwebhooks import Webhook, WebhookVerificationError
webhook, seen = Webhook(os.environ["SECRET"]), set()
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))  # the bytes as they came
        try: event = webhook.verify(body, {k.lower(): v for k, v in self.headers.items()})
        except WebhookVerificationError: return self.send_error(400)
        id = self.headers["webhook-id"]  # the same with every try: keep it in your database
        if id not in seen: seen.add(id); print("received", id, event.get("type", ""), flush=True)
        self.send_response(204); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver).serve_forever()
