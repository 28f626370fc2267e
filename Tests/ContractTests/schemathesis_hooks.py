"""What Schemathesis cannot know of this service, each with its reason. SCHEMATHESIS_HOOKS names this file."""

import itertools

import schemathesis

FORWARDED = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every call comes from an address of its own.

    Of one that has sent ten bad credentials, the next are answered 429 unseen: nothing could be said about them.
    """
    number = next(FORWARDED)
    case.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@schemathesis.hook
def filter_case(context, case):
    headers = case.headers or {}
    # RFC 9110 §5.1: a server ignores the header fields that it does not know. Schemathesis wants them refused.
    if any("schemathesis" in name.lower() for name in headers):
        return False
    # Both are right in themselves, and said to be the same where both are given; a schema cannot say so.
    body = case.body if isinstance(case.body, dict) else {}
    return not (body.get("heartbeatTimeout") and "Heartbeat-Timeout" in headers)
