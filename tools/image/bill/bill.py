"""Makes one list of what is in the image out of those that debsbom and cyclonedx-gomod have written: bill.py FOLDER VERSION OUT

OUT/bom.cdx.json is the list in CycloneDX's form, OUT/packages.tsv has a line for each: kind, name, version, licences.
What debsbom does not know, the licence of a package whose copyright file is not in Debian's machine-readable form, comes from
the licences that such a file names, and otherwise is the name of the file.
"""
import json
import pathlib
import re
import sys

DOC = pathlib.Path("/usr/share/doc")
DATA = pathlib.Path("/course/datasets/data/README.md")
OURS = "github.com/descent-go/descent"
KINDS = {"deb": "debian", "golang": "go module", "data": "data"}
folder, version, out = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])


def from_copyright(name):
    """'License:' lines, or the texts that Debian has in common-licenses, or where to read."""
    file = DOC / name / "copyright"
    text = file.read_text(errors="replace") if file.exists() else ""
    found = re.findall(r"^License: *([^\s,].*?)\s*$", text, re.MULTILINE) or re.findall(r"/usr/share/common-licenses/([\w.-]*\w)", text)
    return [{"license": {"name": n}} for n in dict.fromkeys(found)] or [{"license": {"name": f"see {file}"}}]


def licences(component):
    return "; ".join(x.get("expression") or x["license"].get("id") or x["license"]["name"] for x in component["licenses"])


components, tools = {}, []
for file in sorted(folder.glob("*.cdx.json")):
    part = json.loads(file.read_text())
    listed = part["metadata"]["tools"]
    tools += [t for t in (listed["components"] if isinstance(listed, dict) else listed)]
    for c in part.get("components", []) + ([part["metadata"]["component"]] if file.name.startswith("tool-") else []):  # the tool itself, too
        if c["purl"].endswith("arch=source"):
            continue  # the sources of a package are not in the image
        if c["name"].startswith("."):
            continue  # what a program of this checkout takes from the checkout itself
        if c["name"].startswith(OURS):  # programs of this checkout, which is no module with a version
            c |= {"version": version, "licenses": [{"expression": "MIT"}]}
        if not c.get("licenses"):
            c["licenses"] = from_copyright(c["name"])
        components.setdefault(c["purl"].partition("?")[0], c)

# The course itself, and the data that are embedded in it.
components["descent"] = {"type": "library", "bom-ref": "descent", "name": "descent", "version": version, "purl": "pkg:golang/github.com/descent-go/descent",
                         "licenses": [{"expression": "MIT AND CC-BY-4.0"}]}
for name, text in re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", DATA.read_text(), re.MULTILINE | re.DOTALL):
    licence = " ".join(re.search(r"\*\*Licence:\*\* (.*?)(?=\n- |\n\n|\Z)", text, re.DOTALL)[1].split())
    components[name] = {"type": "data", "bom-ref": name, "name": name, "version": version, "licenses": [{"license": {"name": licence}}]}
rows = sorted((KINDS[c.get("purl", "pkg:data/")[4:].partition("/")[0]], c["name"], c.get("version", ""), licences(c)) for c in components.values())
bom = {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
       "metadata": {"component": {"type": "container", "bom-ref": "image", "name": "descent", "version": version},
                    "tools": {"components": [{"type": "application", "name": n} for n in sorted({t["name"] for t in tools})]}},
       "components": [components[k] for k in sorted(components)]}
(out / "bom.cdx.json").write_text(json.dumps(bom, indent=1) + "\n")
(out / "packages.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
if missing := [row for row in rows if not all(row)]:
    sys.exit(f"something is not known of {missing}")
