"""Faults of weir's requests, one at a time, and whether what weir says of it is true.

    WAYS                        the rules of weir-local's fault layer that fail a request and do not wait
    set_rule(home, rule), seen(home)
    Said(stdout, stderr)        what the text of apply or destroy says of each action, and in its closing line
    check_status(test, status, results), check_truth(results, before, now, after, key)

A result is a dict as in `weir apply -o json`: address, state, removed, maybe_done. A state is what Live.state()
tells; key(address) is the resource's key there.
"""
import re

from live import check_same

# Refused, with nothing done; the connection reset, with nothing done; done, and the reply lost; done, and its reply cut.
WAYS = {
    "429": {"action": "status", "status": 429},
    "500": {"action": "status", "status": 500},
    "503": {"action": "status", "status": 503},
    "reset": {"action": "reset"},
    "lost": {"action": "lose"},
    "truncated": {"action": "truncate"},
}


def set_rule(home, rule=None):
    """This rule and no other; None: none."""
    reply = home.call("DELETE", "/weir/faults")
    assert reply.status == 204, reply
    if rule:
        reply = home.call("POST", "/weir/faults", rule)
        assert reply.status == 204, reply


def rule_now(home):
    """The rule, with `seen`, `acted` and `actedOn`."""
    return home.call("GET", "/weir/faults").json()[0]


class Said:
    """What the text of apply or destroy says. results: as in the document, by the lines on stderr; listed: the same by
    the lists on stdout, where something was not done; counts: of the closing line, None where there is none; complete:
    it says so."""

    ENDED = re.compile(
        r"^ *(?P<address>(?:[a-z]+\.|oci://)[\w./@-]+): (?:(?P<done>created|updated|replaced|destroyed)(?: in |$)"
        r"|(?P<failed>create|update|replacement|destroy) failed after \S+(?P<removed> \(the old one is deleted\))?: "
        r"|(?P<skipped>not begun))"
    )
    CLOSING = re.compile(
        r"^(?:Apply|Destroy) (complete!|incomplete\.) Resources: (?:(\d+) added, (\d+) changed, )?(\d+) destroyed"
        r"(?:; (\d+) failed(?: \((\d+) perhaps done\))?, (\d+) not begun)?\.$", re.M,
    )
    PERHAPS = ("it may have been done all the same", "interrupted while it was under way")

    def __init__(self, stdout, stderr):
        lists = re.split(r"^(?:Done|Not done):$", stdout, 1, re.M)[1:]
        self.results, self.listed = self._read(stderr), self._read(*lists) if lists else None
        closing = self.CLOSING.search(stdout)
        self.complete = bool(closing) and closing[1] == "complete!"
        names = ("added", "changed", "destroyed", "failed", "maybe_done", "skipped")
        self.counts = {n: int(v or 0) for n, v in zip(names, closing.groups()[1:])} if closing else None

    def _read(self, text):
        results, last = [], None
        for line in text.splitlines():
            if match := self.ENDED.match(line):
                state = "done" if match["done"] else "failed" if match["failed"] else "skipped"
                last = {"address": match["address"], "state": state, "removed": bool(match["removed"]),
                        "verb": match["done"] or match["failed"]}
                results.append(last)
            if last and any(perhaps in line for perhaps in self.PERHAPS):
                last["maybe_done"] = True
        return results

    def agrees(self):
        """Whether the lists tell of the same results."""
        def brief(results):
            return sorted((r["address"], r["state"], r["removed"], bool(r.get("maybe_done"))) for r in results)

        done = [r for r in self.results if r["state"] == "done"]
        if self.listed is None:
            return len(done) == len(self.results)
        return brief(self.listed) == brief(self.results if len(done) else [r for r in self.results if r["state"] != "done"])

    def counted(self, destroy=False):
        """What the closing line has to say of these results."""
        def of(*verbs):
            return sum(r["state"] == "done" and r["verb"] in verbs for r in self.results)

        return {
            "added": 0 if destroy else of("created", "replaced"), "changed": 0 if destroy else of("updated"),
            "destroyed": of("destroyed", "replaced") + sum(r["removed"] for r in self.results),
            "failed": sum(r["state"] == "failed" for r in self.results),
            "maybe_done": sum(bool(r.get("maybe_done")) for r in self.results),
            "skipped": sum(r["state"] == "skipped" for r in self.results),
        }


def right_status(results):
    """Of apply and destroy: all done, some of it, nothing."""
    if all(r["state"] == "done" for r in results):
        return 0
    return 5 if any(r["state"] == "done" or r.get("removed") for r in results) else 3


def check_truth(results, before, now, after, key):
    """What the results say is what is live, and nothing else has changed; what was perhaps done may be either."""
    expected = dict(before)
    for r in results:
        k = key(r)
        if r["state"] == "done" or (r.get("maybe_done") and now.get(k) == after.get(k)):
            expected[k] = after.get(k)
        elif r.get("removed") or (r.get("maybe_done") and now.get(k) is None and after.get(k)):
            expected[k] = None
    check_same(now, {k: v for k, v in expected.items() if v is not None})
