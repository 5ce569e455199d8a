"""Reads what govulncheck found in one module, as JSON on standard input, and says it in one line each.

Exits with 1 if a dependency has a vulnerability in a package that is imported.
"""

import json
import sys


def findings(text):
    """The stream of objects that govulncheck prints, as a set of (osv, module, version, fixed, imported)."""
    decoder, at, seen, summaries = json.JSONDecoder(), 0, {}, {}
    text = text.strip()
    while at < len(text):
        message, at = decoder.raw_decode(text, at)
        while at < len(text) and text[at].isspace():
            at += 1
        if "osv" in message:
            summaries[message["osv"]["id"]] = message["osv"].get("summary", "")
        if "finding" in message:
            found = message["finding"]
            place = found["trace"][0]
            key = (found["osv"], place["module"], place.get("version", "?"), found.get("fixed_version", "none yet"))
            seen[key] = seen.get(key, False) or "package" in place
    return [(*key, imported, summaries.get(key[0], "")) for key, imported in sorted(seen.items())]


def report(module, found, say=print):
    """Prints the findings of one module; True if a dependency has to be renewed."""
    bad = False
    for osv, place, version, fixed, imported, summary in found:
        if place in ("stdlib", "toolchain"):
            continue
        bad |= imported
        say(f"{'FAIL' if imported else 'note'}: {module}: {osv} in {place} {version}: {summary} (go get {place}@{fixed})")
    if not bad:
        say(f"{module}: no dependency that it uses has a known vulnerability")
    go = [f for f in found if f[1] in ("stdlib", "toolchain")]
    if go:
        newest = max((f[3] for f in go), key=lambda v: [int(n) for n in v.lstrip("v").split(".") if n.isdigit()])
        say(f"note: {module}: the Go that is installed, {go[0][2]}, has {len(go)} known vulnerabilities itself: "
            f"install Go {newest}")
    return bad


if __name__ == "__main__":
    sys.exit(report(sys.argv[1], findings(sys.stdin.read())))
