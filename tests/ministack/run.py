"""Deploys template.yaml to MiniStack with the executables that were built, and tells the three
stories to it.

MiniStack plays AWS on loopback: CloudFormation, S3, Lambda with the executables as processes,
DynamoDB with its stream, SQS, KMS, API Gateway, the schedule. So this says whether the template, the
event shapes and the executables fit together, which `serve` cannot, because there all of it is one
process. It needs no AWS account, no network and no Docker.

    python tests/ministack/run.py

It needs tests/ministack/requirements.txt, the functions in target/lambda (`make functions` with
ARCHITECTURE for this machine's processor) or in the folder that FUNCTIONS_DIR names, and the
`countersign` command with its feature `aws`: target/debug/countersign, or what COUNTERSIGN names.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import routes
from emulator import Emulator, poll
from gateway import Gateway
from stack import Stack, lambda_architecture

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
EXECUTABLES = Path(os.environ.get("FUNCTIONS_DIR", TARGET / "lambda")).absolute()
COMMAND = Path(os.environ.get("COUNTERSIGN", TARGET / "debug" / "countersign"))
NAME = "countersign-test"
EMAIL = "developer@example.com"
SMOKE_SECONDS = 180
LOG_LINES = 6
# Logs hold no secrets, which other tests prove; this is for the day they fail.
SECRET = re.compile(r"(?i)((?:api.key|secret|authorization|bearer)\W{1,4})[\w.~+/=-]{8,}")


class Steps:
    """One line for each step, with its seconds."""

    def __init__(self):
        self._since = time.monotonic()

    def done(self, what: str):
        now = time.monotonic()
        print(f"{now - self._since:6.1f} s  {what}", flush=True)
        self._since = now


class Secrets:
    """What must not be printed."""

    def __init__(self):
        self._known = set()

    def add(self, secret: str):
        self._known.add(secret)

    def hidden(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, "***")
        return SECRET.sub(r"\1***", text)


def main() -> int:
    # Ends like a failure does, so that what was started is ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    steps, secrets = Steps(), Secrets()
    with tempfile.TemporaryDirectory(prefix="ministack-") as folder:
        with Emulator(Path(folder)) as emulator, Gateway(emulator.port) as gateway:
            steps.done(f"MiniStack runs at {emulator.url}")
            stack = Stack(emulator, NAME)
            try:
                tell(stack, gateway, steps, secrets)
            except Exception as error:
                print(secrets.hidden(f"\nFAILED: {error}"), file=sys.stderr)
                show_logs(stack, secrets)
                return 1
    print("the three stories end well on MiniStack")
    return 0


def tell(stack: Stack, gateway: Gateway, steps: Steps, secrets: Secrets):
    """Everything, step by step."""
    wanted = {
        "PublicUrl": gateway.url,
        "SandboxBank": "true",
        "OutboundReach": "loopback",
        "Stage": "development",
        "Architecture": lambda_architecture(),
    }
    stack.deploy(ROOT / "template.yaml", EXECUTABLES, wanted)
    steps.done(f"the stack is deployed, {len(stack.resources('AWS::Lambda::Function'))} functions")
    gateway.api_id, count = routes.register(stack)
    steps.done(f"the API has {count} routes")
    before_anybody(gateway.url)
    steps.done("strangers are refused as they should be")
    client_id, api_key = create_tenant(stack, secrets)
    steps.done("a tenant is made through CloudFormation, DynamoDB and KMS")
    smoke(stack, gateway.url, client_id, api_key)
    steps.done("the three stories are told")
    events = poll("the stream numbers events", 30, lambda: numbered_events(gateway.url, api_key))
    mappings = poll("every event-source mapping has worked", 30, stack.worked_mappings)
    steps.done(f"{len(events)} events are numbered, {mappings} event-source mappings have worked")
    scheduled = stack.invoke_scheduled()
    steps.done(f"what runs on a schedule runs: {', '.join(scheduled)}")
    left = {queue: count for queue, count in stack.dead_letters().items() if count}
    if left:
        raise AssertionError(f"dead letters: {left}")
    steps.done("no dead letters")


def ask(method: str, url: str, body: bytes | None = None, headers: dict | None = None):
    """One request; status, headers and body of its answer, whatever it is."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def before_anybody(base: str):
    """What is answered before there is a tenant, with and without a slash at the end."""
    wrong = {"x-api-key": "wrong", "content-type": "application/json"}
    cases = [
        ("GET", "/.well-known/jwks.json", 200, {}, None),
        ("GET", "/v1/events", 401, wrong, None),
        ("POST", "/v1/sessions", 405, wrong, b"{}"),
        ("POST", "/api/service/data/session/create", 401, wrong, b"{}"),
        ("GET", "/nothing", 404, {}, None),
    ]
    for method, path, expected, headers, body in cases:
        for url in (base + path, base + path + "/"):
            status, answered, content = ask(method, url, body, headers)
            if status != expected:
                raise AssertionError(f"{method} {url} is {status}, not {expected}: {content[:500]}")
            kind = answered.get_content_type()
            if not kind.endswith("json"):
                raise AssertionError(f"{method} {url} answers with {kind}")
            json.loads(content)


def create_tenant(stack: Stack, secrets: Secrets) -> tuple[str, str]:
    """Client id and API key of a new tenant, made as an operator makes one in the cloud."""
    command = ["tenant", "create", "--stack", stack.name, "--name", "Example Shop"]
    said = run(stack, [*command, "--email", EMAIL, "--origin", "https://example.com"], {}, 60)
    found = [re.search(rf"^{name}\s+(\S+)\s*$", said, re.MULTILINE) for name in ("client id", "API key")]
    if not all(found):
        raise AssertionError("`tenant create` did not show client id and API key")
    client_id, api_key = (match.group(1) for match in found)
    secrets.add(api_key)
    return client_id, api_key


def smoke(stack: Stack, base: str, client_id: str, api_key: str):
    """The three stories, by the command that tells them to any deployment."""
    environment = {
        "COUNTERSIGN_CLIENT_ID": client_id,
        "COUNTERSIGN_API_KEY": api_key,
        "COUNTERSIGN_EMAIL": EMAIL,
    }
    run(stack, ["smoke", "--url", base], environment, SMOKE_SECONDS)


def run(stack: Stack, arguments: list[str], environment: dict[str, str], seconds: float) -> str:
    """What the `countersign` command printed; an error with the end of it if it failed."""
    done = subprocess.run(
        [COMMAND, *arguments],
        env={"PATH": os.environ.get("PATH", os.defpath), **stack.emulator.environment(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode != 0:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise AssertionError(f"`countersign {arguments[0]}` ended with {done.returncode}:\n{end}")
    return done.stdout


def numbered_events(base: str, api_key: str):
    """The feed of the tenant's events. An event is in it once the stream brought it its number."""
    status, _, body = ask("GET", f"{base}/v1/events", headers={"x-api-key": api_key})
    if status != 200:
        raise AssertionError(f"/v1/events answers {status}: {body[:500]}")
    return json.loads(body)["events"] or None


def show_logs(stack: Stack, secrets: Secrets):
    """The last of what MiniStack and the functions said."""
    try:
        for function, lines in stack.last_logs(LOG_LINES):
            print(f"\n{function}:", file=sys.stderr)
            for line in lines:
                print(f"  {secrets.hidden(line)[:1000]}", file=sys.stderr)
    except Exception as error:  # It may be what failed.
        print(f"\nno logs of functions: {error}", file=sys.stderr)
    print("\nMiniStack:", file=sys.stderr)
    said = stack.emulator.log.read_text(encoding="utf-8", errors="replace").splitlines()
    for line in [line for line in said if " WARNING " in line or " ERROR " in line][-2 * LOG_LINES :]:
        print(f"  {secrets.hidden(line)[:1000]}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
