"""What the formats of openapi.yaml mean that no pattern can say."""

import re
import time

import schemathesis
from hypothesis import strategies as st

MARKETS = ["DE", "FR", "ES", "IT", "GB", "NL", "AT", "XK", "US"]

schemathesis.openapi.format("market", st.sampled_from(MARKETS))
schemathesis.openapi.format("uri", st.from_regex(r"https://example\.com/[a-z0-9/]{0,40}", fullmatch=True))
schemathesis.openapi.format("phone", st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True))
schemathesis.openapi.format("email", st.from_regex(r"[a-z0-9]{1,20}([.+-][a-z0-9]{1,10})?@[a-z0-9]{1,20}\.(com|de|org)", fullmatch=True))


# Ours are base64url and long; some of what is generated is long, too.
CURSOR = re.compile(r"[A-Za-z0-9_-]{40,}")


@schemathesis.hook
def before_call(context, case, kwargs):
    """What no schema can say: a link dies at a moment from now on, a cursor comes from us, and a
    tenant's URL is none of ours."""
    if isinstance(case.body, dict):
        at = case.body.get("expiresAt")
        if isinstance(at, int) and not isinstance(at, bool) and 0 <= at < 2**32:
            case.body["expiresAt"] = int(time.time()) + 3600
        for name, value in case.body.items():
            if name.lower().endswith("url") and str(value).startswith("http://127.0.0.1"):
                case.body[name] = "https://example.com/"
    for members in (case.body, case.query):
        cursor = members.get("cursor") if isinstance(members, dict) else None
        if isinstance(cursor, str) and not CURSOR.fullmatch(cursor):
            del members["cursor"]
