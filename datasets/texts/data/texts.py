#!/usr/bin/env python3
"""Writes the embedded texts, and the golden values that the tests compare them with.

    apt-get download r-cran-janeaustenr=1.0.0-1 bible-kjv-text=4.38 bible-kjv=4.38 fortunes-zh=2.98
    for f in *.deb; do dpkg -x $f debian; done
    python3 datasets/texts/data/texts.py debian

reads what these packages of Debian 12 contain. Nothing but Python's standard library is used, and for the
Psalms the packages' own program, bible. Other files give other texts and are refused: their SHA-256 must be
those below.
"""
import gzip
import hashlib
import json
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

DATA = Path(__file__).resolve().parent
GOLDEN = DATA.parent / "testdata" / "texts.json"
SHA256 = {
    "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb": "8fb5198960d0da724b1562f96e4221e5c1b41ff455000280b02c55980c3d8f21",
    "usr/lib/bible.data": "6c746c2acc8a34bfded980883ff1701a5d68934a1c853ebf88a07b978fe0ae0e",
    "usr/share/games/fortunes/tang300": "b69cab0cb84c49dc1808d95aea7156c8911a7022ec630e194eecf360b78feff5",
}

PRIDE_AND_PREJUDICE = 0x103b3e, 0x422bd  # where it begins, and its length, as Rdata.rdx says


def read(folder, name):
    data = (Path(folder) / name).read_bytes()
    got = hashlib.sha256(data).hexdigest()
    if got != SHA256[name]:
        sys.exit(f"{name} is not that of the package: its SHA-256 is {got}")
    return data


def strings(data):
    """A character vector in R's binary format (XDR): the type, the length, and each string with its type and length."""
    assert data[:2] == b"X\n"
    version = struct.unpack(">I", data[2:6])[0]
    at = 14
    if version == 3:
        at += 4 + struct.unpack(">I", data[at:at + 4])[0]  # the name of the encoding
    kind, count = struct.unpack(">II", data[at:at + 8])
    assert kind & 0xff == 16
    at += 8
    out = []
    for _ in range(count):
        kind, size = struct.unpack(">Ii", data[at:at + 8])
        assert kind & 0xff == 9
        out.append(data[at + 8:at + 8 + size].decode())
        at += 8 + size
    return out


def austen(folder):
    """Pride and Prejudice, from the first chapter on, each paragraph on one line, with a blank line after it."""
    data = read(folder, "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb")
    at, size = PRIDE_AND_PREJUDICE
    lines = strings(zlib.decompress(data[at + 4:at + size]))  # the first four bytes are the length of the text
    text = "\n".join(lines)
    text = text[text.index("Chapter 1\n"):]
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", text)]
    return "\n\n".join(p for p in paragraphs if p) + "\n"


def psalms(folder):
    """The Psalms: a line "Psalm 1", a blank line, the verses without their numbers, one on a line, a blank line."""
    read(folder, "usr/lib/bible.data")
    program, data = Path(folder) / "usr/bin/bible", Path(folder) / "usr/lib"
    out = []
    for psalm in range(1, 151):
        shown = subprocess.run([program, "-p", data, "-l100000", f"Psalms{psalm}:1-200"],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
        title, verses = shown.strip().split("\n\n")
        assert title == f"Psalms {psalm}"
        verses = [re.fullmatch(r" *\d+ (\S.*\S) *", verse)[1] for verse in verses.split("\n")]
        out.append("\n".join([f"Psalm {psalm}", ""] + verses) + "\n")
    return "\n".join(out)


def tang(folder):
    """The poems: title, author, lines; a blank line between two. Colours for a terminal are left out."""
    text = read(folder, "usr/share/games/fortunes/tang300").decode()
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    poems = ["\n".join(line.strip() for line in poem.split("\n") if line.strip()) for poem in text.split("\n%")]
    return "\n\n".join(p for p in poems if p) + "\n"


def main(folder):
    golden = {}
    for name, text in [("pride_and_prejudice", austen(folder)), ("psalms", psalms(folder)), ("tang_poems", tang(folder))]:
        data = text.encode()
        (DATA / f"{name}.txt.gz").write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
        parts = text.strip("\n").split("\n\n")
        golden[name] = {
            "bytes": len(data), "characters": len(text), "distinct": len(set(text)), "sha256": hashlib.sha256(data).hexdigest(),
            "parts": len(parts), "first": parts[0], "last": parts[-1],
        }
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
