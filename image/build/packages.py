"""Lists every package in the image with its version and licence: packages.py FILE

One line each, separated by tabs: where it comes from, name, version, licences.
"""
import pathlib
import re
import subprocess
import sys

DOC = pathlib.Path("/usr/share/doc")
MODULES = pathlib.Path("/opt/descent/mod")
# A phrase that tells a licence's text from the others.
TEXTS = [
    ("Apache-2.0", "Apache License"),
    ("MPL-2.0", "Mozilla Public License"),
    ("OFL-1.1", "SIL OPEN FONT LICENSE"),
    ("BSD-3-Clause", "Neither the name"),
    ("BSD-3-Clause", "names of its contributors may"),
    ("BSD-2-Clause", "Redistributions in binary form must reproduce"),
    ("ISC", "Permission to use, copy, modify, and/or distribute"),
    ("Unlicense", "free and unencumbered software"),
    ("CC0-1.0", "CC0 1.0"),
    ("MIT", "Permission is hereby granted, free of charge"),
    ("FTL", "FreeType"),
    ("GUST-Font-License", "GUST Font"),
]


def debian():
    """What dpkg knows, and what was unpacked without it; the licences from Debian's copyright files."""
    known = subprocess.run(["dpkg-query", "-W", "-f", "${Package}\t${Version}\n"], check=True, capture_output=True, text=True)
    unpacked = pathlib.Path("/usr/share/descent/unpacked").read_text()
    for line in sorted((known.stdout + unpacked).splitlines()):
        name, version = line.split("\t")
        copyright = DOC / name / "copyright"
        text = copyright.read_text(errors="replace") if copyright.exists() else ""
        names = dict.fromkeys(re.findall(r"^License: *([^\s,].*?)\s*$", text, re.MULTILINE))
        yield "debian", name, version, "; ".join(names) or f"see {copyright}"


def licence(folder):
    files = [f for f in sorted(folder.iterdir()) if re.match(r"(licen[sc]e|copying)", f.name, re.IGNORECASE) and f.is_file()]
    found = dict.fromkeys(name for f in files for text in [f.read_text(errors="replace")]
                          for name in [next((n for n, phrase in TEXTS if phrase.lower() in " ".join(text.lower().split())), f"see {f}")])
    return "; ".join(found) or "UNKNOWN"


def module(path):
    """'github.com/!burnt!sushi/toml@v1' as Go writes it: the path and the version."""
    name, _, version = re.sub(r"!(.)", lambda m: m.group(1).upper(), str(path)).rpartition("@")
    return name, version


def modules(kind, root):
    folders = [f for f in root.glob("**/*@*") if f.is_dir() and "@" not in str(f.relative_to(root).parent) and f.relative_to(root).parts[0] != "cache"]
    for folder in sorted(folders):
        yield kind, *module(folder.relative_to(root)), licence(folder)


rows = [*debian(), *modules("go module", MODULES), *modules("go tool", pathlib.Path("/opt/descent/licences"))]
unknown = [row for row in rows if "UNKNOWN" in row[3]]
pathlib.Path(sys.argv[1]).write_text("".join("\t".join(row) + "\n" for row in rows))
if unknown:
    sys.exit(f"no licence was found for {unknown}")
