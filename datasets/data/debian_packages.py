#!/usr/bin/env python3
"""Writes debian_packages.csv.gz and the golden values that the tests compare it with.

    python3 datasets/data/debian_packages.py Packages

reads the index of Debian 12.15's main archive for amd64, dists/bookworm/main/binary-amd64/Packages, plain or
as .gz or .xz. Nothing but Python's standard library is used, and no network. Another index gives other
data and is refused: its SHA-256 must be the one below, which Debian's signed Release file states.

What is kept: one line for each source package, since the packages built from one source describe themselves in
nearly the same words: that of its package with the shortest name, the first in the alphabet of several. What
says nothing about a package's purpose (transitional and dummy packages) is left out, as is a line that
another package has already, letter case aside. Of the rest each section gives as many as there is room for, those
with the smallest SHA-256 of seed and name: a random choice that no version of Python changes.
"""
import gzip
import hashlib
import json
import lzma
import re
import sys
import zlib
from pathlib import Path

DATA = Path(__file__).resolve().parent
GOLDEN = DATA.parent / "testdata" / "debian_packages.json"
SHA256 = "515e692f2c4121c6fcec444ef100cc18f79a991910615f3a88c8b7becfc94d2f"

SECTIONS = ["admin", "fonts", "games", "graphics", "net", "science", "sound", "text"]
PER_SECTION = 375
SEED = "descent 1"


def read(path):
    opener = {".gz": gzip.open, ".xz": lzma.open}.get(Path(path).suffix, open)
    with opener(path, "rb") as f:
        index = f.read()
    if hashlib.sha256(index).hexdigest() != SHA256:
        sys.exit(f"{path} is not main/binary-amd64/Packages of Debian 12.15")
    for stanza in index.decode().strip().split("\n\n"):
        yield dict(line.split(": ", 1) for line in stanza.split("\n") if re.match(r"[\w-]+: ", line))


def one_per_source(packages):
    """The package that stands for its source, for each source with a package in the sections."""
    chosen = {}
    for p in packages:
        if p["Section"] in SECTIONS and not re.search("transitional|dummy", p["Description"], re.I):
            source = p.get("Source", p["Package"]).split(" ")[0]
            chosen[source] = min(chosen.get(source, p), p, key=lambda p: (len(p["Package"]), p["Package"]))
    return sorted(chosen.values(), key=lambda p: p["Package"])


def distinct(packages):
    seen = set()
    for p in packages:
        text = p["Description"].casefold().strip(" .")
        if text not in seen:
            seen.add(text)
            yield p


def sample(packages):
    """As many of each section, in the order of their names."""
    def draw(p):
        return hashlib.sha256(f"{SEED} {p['Package']}".encode()).digest()
    rows = []
    for section in SECTIONS:
        members = [p for p in packages if p["Section"] == section]
        assert len(members) >= PER_SECTION, (section, len(members))
        rows += sorted(members, key=draw)[:PER_SECTION]
    return sorted(rows, key=lambda p: p["Package"])


def field(text):
    return '"' + text.replace('"', '""') + '"' if re.search('[",]', text) else text


def main(path):
    rows = [(p["Package"], " ".join(p["Description"].split()), p["Section"])
            for p in sample(list(distinct(one_per_source(read(path)))))]
    text = "".join(",".join(map(field, row)) + "\n" for row in rows)
    (DATA / "debian_packages.csv.gz").write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))

    texts = [t for _, t, _ in rows]
    y = [SECTIONS.index(s) for _, _, s in rows]
    golden = {
        "counts": [y.count(k) for k in range(len(SECTIONS))],
        "classes": SECTIONS,
        "target_row_weighted_sum": sum(i * v for i, v in enumerate(y, 1)),
        "characters": sum(map(len, texts)),
        # Weighting by the row number makes the order of the rows count.
        "characters_row_weighted": sum(i * len(t) for i, t in enumerate(texts, 1)),
        "crc32_texts": zlib.crc32("\n".join(texts).encode()),
        "crc32_packages": zlib.crc32("\n".join(p for p, _, _ in rows).encode()),
        "first": rows[0],
        "last": rows[-1],
    }
    GOLDEN.write_text(json.dumps(golden, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
