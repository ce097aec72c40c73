"""Waiting for a condition with a deadline, the only kind of waiting that tests do. A sleep is never the synchronisation."""
import time

INTERVAL = 0.02  # at least; and as long as the question took, so that no wait keeps a processor busy


def wait_until(condition, deadline=10.0, what=None):
    """Returns the first truthy answer of `condition`; after `deadline` seconds fails with `what` (a text, or what makes one then) and
    the last answer."""
    end = time.monotonic() + deadline
    while True:
        asked = time.monotonic()
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            said = what() if callable(what) else what or getattr(condition, "__name__", "condition")
            raise AssertionError(f"not within {deadline} s: {said}; last answer {answer!r}")
        time.sleep(min(max(INTERVAL, time.monotonic() - asked), 0.5))
