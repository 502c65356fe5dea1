"""Holds a running system against openapi.yaml: starts `countersign serve` in a folder of its own,
makes a tenant, and lets schemathesis try everything. Exits as schemathesis does."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
COMMAND = ROOT / "target" / "debug" / "countersign"
UNLIMITED = 1_000_000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, process):
    for _ in range(600):
        if process.poll() is not None:
            sys.exit("serve has ended")
        try:
            return urllib.request.urlopen(url).read()
        except OSError:
            time.sleep(0.05)
    sys.exit("serve does not answer")


def tenant(data):
    made = subprocess.run(
        [COMMAND, "tenant", "create", "--name", "Schemathesis", "--email", "s@example.com"]
        + ["--origin", "https://example.com", "--data", data]
        + [part for name in ("create", "poll", "other") for part in ("--limit", f"{name}={UNLIMITED}")],
        check=True, capture_output=True, text=True,
    ).stdout
    find = lambda label: re.search(rf"^{label}\s+(\S+)$", made, re.MULTILINE).group(1)
    return find("client id"), find("API key")


def login(base, key):
    body = json.dumps({"email": "s@example.com", "api_key": key}).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{base}/subscribers/login", body, headers)
    return json.load(urllib.request.urlopen(request))


def main():
    with tempfile.TemporaryDirectory() as data:
        base = f"http://127.0.0.1:{free_port()}"
        log = open(pathlib.Path(data) / "serve.log", "w")
        listen = ["--listen", base.removeprefix("http://"), "--data", data]
        serve = subprocess.Popen([COMMAND, "serve", *listen], stdout=log, stderr=log)
        try:
            wait_for(f"{base}/openapi.yaml", serve)
            client_id, key = tenant(data)
            tokens = login(base, key)
            secrets = {
                "API_KEY": key,
                "CLIENT_ID": client_id,
                "ACCESS_TOKEN": tokens["token"],
                "REFRESH_TOKEN": tokens["refresh_token"],
            }
            tried = subprocess.run(
                [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run"]
                + [ROOT / "openapi.yaml", "--url", base, *sys.argv[1:]],
                env={**os.environ, **secrets, "PYTHONPATH": str(HERE)}, cwd=data,
            )
            if serve.poll() is not None:
                sys.exit("serve did not survive")
            sys.exit(tried.returncode)
        finally:
            serve.send_signal(signal.SIGINT)
            serve.wait()


main()
