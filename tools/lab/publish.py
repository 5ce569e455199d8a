"""Builds the executed course as a static site that needs no server, no kernel and no network:

    publish.py CHECKOUT OUT KATEX    (KATEX is the folder of the npm package)

Notebooks become pages through nbconvert, with our own template; formulas are rendered here, so that a page
needs no script for them; the glossary and other documents for learners become pages as well.
"""
import dataclasses
import functools
import gzip
import html
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

import jinja2
import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters import markdown2html
from traitlets.config import Config

import stop  # noqa: F401

SITE = pathlib.Path(__file__).resolve().parent / "site"
DOCUMENTS = ("glossary", "sections", "conventions", "compare")  # in docs/, for those who learn
PLAYGROUND = pathlib.Path("course", "playground", "page")
MIMES = ["text/html", "image/gif", "image/png", "image/jpeg", "text/markdown", "text/plain"]

# What Markdown would damage, in the order in which Jupyter sees it: in code there is no formula.
PIECES = re.compile(r"""
    (?P<code>  ^[ ]*(?P<fence>```|~~~).*?^[ ]*(?P=fence)[ ]*$ | (?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`) )
  | \$\$(?P<display>.+?)\$\$
  | (?P<environment>\\begin\{(?P<name>[a-z]+\*?)\}.+?\\end\{(?P=name)\})
  | (?<![\\$])\$(?P<inline>[^\s$](?:(?:(?!\n\n)[^$])*[^\s$\\])?)\$(?!\d)
  | (?P<dollar>\\\$)
  | (?P<open><details[^>]*>\s*<summary>) | (?P<summary></summary>) | (?P<close></details>)
""", re.MULTILINE | re.DOTALL | re.VERBOSE)
# Of the Go modules in the playground's program; a new one must be looked at before it is added.
GO_LICENCES = {"std": "BSD-3-Clause", "golang.org/x/tools": "BSD-3-Clause", "gonum.org/v1/gonum": "BSD-3-Clause"}
FORMULAS = ("display", "environment", "inline")
FOLDS = ("open", "summary", "close")
STASHED = re.compile("xSTASHx(\\d+)x")  # nothing that Markdown or an address changes
HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)(?:<a class=\"anchor-link\".*?</a>)?</h\1>", re.DOTALL)
LINK = re.compile(r"<a( [^>]*)?\bhref=\"([^\"]*)\"([^>]*)>(.*?)</a>", re.DOTALL)


class Broken(Exception):
    """Something that a page cannot show: where and why."""


@dataclasses.dataclass
class Section:
    level: int
    anchor: str
    title: str
    text: str = ""


@dataclasses.dataclass
class Page:
    source: pathlib.Path
    name: str
    body: str = ""
    title: str = ""
    sections: list = dataclasses.field(default_factory=list)


class Stash:
    """Keeps formulas and folding elements away from Markdown: what it would damage becomes a number."""

    def __init__(self):
        self.kept = []  # (what it is, its text)

    def hide(self, markdown):
        return PIECES.sub(self._hide, markdown)

    def _hide(self, found):
        kind, text = next((k, v) for k, v in found.groupdict().items() if v and k not in ("fence", "ticks", "name"))
        if kind == "code":
            return text
        self.kept.append((kind, text))
        mark = f"xSTASHx{len(self.kept) - 1}x"
        return {"open": f"\n\n{mark}", "summary": f"{mark}\n\n", "close": f"\n\n{mark}\n\n"}.get(kind, mark)

    def formulas(self):
        """[TeX, is it displayed?] for each formula."""
        return [[text, kind != "inline"] for kind, text in self.kept if kind in FORMULAS]

    def written(self, text):
        """The text with its formulas as they were written."""
        return STASHED.sub(lambda m: f"${self.kept[int(m[1])][1]}$", text)

    def show(self, body, rendered):
        """The body with everything back in its place; rendered is the HTML of the formulas."""
        rendered = iter(rendered)
        shown = [next(rendered) if kind in FORMULAS else text.removeprefix("\\") for kind, text in self.kept]
        folds = "|".join(str(i) for i, (kind, _) in enumerate(self.kept) if kind in FOLDS)
        if folds:  # they are no paragraphs
            body = re.sub(f"(?:<p>)?(xSTASHx(?:{folds})x)(?:</p>)?", r"\1", body)
        body = re.sub(r'(?:id|href)="[^"]*"', lambda m: STASHED.sub(lambda s: html.escape(self.written(s[0])), m[0]), body)
        return STASHED.sub(lambda m: shown[int(m[1])], body)


@functools.cache
def exporter():
    config = Config()
    config.NbConvertBase.display_data_priority = MIMES
    return HTMLExporter(config=config, template_name="template", extra_template_basedirs=[str(SITE)])


def notebook(path, stash):
    """The cells of a notebook as HTML, formulas hidden in the stash; anchors are Jupyter's."""
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = stash.hide(cell.source)
        for output in cell.get("outputs", []):
            if output.output_type == "execute_result":
                output.output_type = "display_data"
    return anchored(exporter().from_notebook_node(nb)[0], lambda title: stash.written(title).replace(" ", "-"))


def document(path, stash):
    """A Markdown document as HTML; its anchors are those of GitHub, where it is read as well."""
    body = markdown2html(stash.hide(path.read_text(encoding="utf-8")))
    return anchored(body, lambda title: re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-"))


def anchored(body, name):
    """The body with headings that links can lead to; name makes an anchor of a title."""
    def heading(found):
        level, title = found.groups()
        anchor = name(plain(title))
        link = f'<a class="anchor-link" href="#{urllib.parse.quote(anchor)}" aria-label="Link to this section">¶</a>'
        return f'<h{level} id="{html.escape(anchor)}">{title}{link}</h{level}>'
    return HEADING.sub(heading, body)


def plain(markup):
    """What a reader sees of the markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


class Sections(html.parser.HTMLParser):
    """Cuts a page at its headings, for the search."""

    SKIPPED = ("script", "style", "annotation")

    def __init__(self):
        super().__init__()
        self.found = []
        self.inside = []  # headings and skipped elements that are open

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if re.fullmatch("h[1-6]", tag):
            self.found.append(Section(int(tag[1]), attributes.get("id", ""), ""))
            self.inside.append(tag)
        elif tag in self.SKIPPED or (tag, attributes.get("class")) in (("a", "anchor-link"), ("span", "katex-html")):
            self.inside.append("skip " + tag)
        elif tag == "span" and self.inside and self.inside[-1] == "skip span":
            self.inside.append("skip span")
        if tag == "img" and self.found:
            self.found[-1].text += f" {attributes.get('alt', '')} "

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] in (tag, "skip " + tag):
            self.inside.pop()

    def handle_data(self, data):
        if not self.found or any(i.startswith("skip") for i in self.inside):
            return
        if self.inside:
            self.found[-1].title += data
        else:
            self.found[-1].text += data


def sections(body):
    parser = Sections()
    parser.feed(body)
    for s in parser.found:
        s.title, s.text = " ".join(s.title.split()), " ".join(s.text.split())
    return parser.found


def relink(body, page, pages):
    """Links to sources of pages become links to the pages; what the site does not have is no link there."""
    names = {p.source.resolve(): p.name for p in pages}
    names |= {p.source.parents[1].resolve() / PLAYGROUND / "playground.html": "playground.html" for p in pages}

    def link(found):
        before, target, after, inside = found.groups()
        if re.match(r"[a-z][a-z0-9+.-]*:|#", target):
            return found[0]
        path, hash_, anchor = html.unescape(target).partition("#")
        name = names.get((page.source.parent / path).resolve())
        if name is None:
            return inside
        return f'<a{before or " "}href="{html.escape(name + hash_ + anchor)}"{after}>{inside}</a>'
    return LINK.sub(link, body)


def katex(folder):
    """A function that renders formulas with KaTeX."""
    def render(formulas):
        done = subprocess.run(["node", str(SITE / "math.mjs"), str(folder / "dist" / "katex.mjs")], check=True,
                              input=json.dumps(formulas), stdout=subprocess.PIPE, text=True, encoding="utf-8")
        return json.loads(done.stdout)
    return render


def build(root, render):
    """The pages of the course, in their order."""
    pages = [Page(p, p.stem + ".html") for p in sorted(root.glob("notebooks/*.ipynb"))]
    pages += [Page(p, p.stem + ".html") for p in (root / "docs" / f"{name}.md" for name in DOCUMENTS) if p.exists()]
    stashes = []
    for page in pages:
        stashes.append(Stash())
        convert = notebook if page.source.suffix == ".ipynb" else document
        page.body = convert(page.source, stashes[-1])
    rendered = iter(render([f for s in stashes for f in s.formulas()]))
    for page, stash in zip(pages, stashes):
        shown = []
        for tex, _ in stash.formulas():
            shown.append(next(rendered))
            if isinstance(shown[-1], dict):
                raise Broken(f"{page.source}: the formula {tex!r} cannot be shown: {shown[-1]['error']}")
        page.body = relink(stash.show(page.body, shown), page, pages)
        page.sections = sections(page.body)
        page.title = page.sections[0].title if page.sections else page.source.stem
    return pages


def write(pages, out):
    """The pages, the search and what both need, as files in the folder out."""
    out.mkdir(parents=True, exist_ok=True)
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(SITE), trim_blocks=True, lstrip_blocks=True)
    for page in pages:
        (out / page.name).write_text(templates.get_template("page.html.j2").render(page=page, pages=pages), encoding="utf-8")
    chapters = [p for p in pages if p.source.suffix == ".ipynb"]
    (out / "index.html").write_text(templates.get_template("cover.html.j2").render(chapters=chapters, documents=pages[len(chapters):]), encoding="utf-8")
    found = [{"page": p.name, "chapter": p.title, "anchor": s.anchor, "title": s.title, "text": s.text}
             for p in pages for s in p.sections]
    (out / "search.js").write_text("window.courseSections = " + json.dumps(found, ensure_ascii=False) + "\n", encoding="utf-8")
    for name in ("site.css", "site.js"):
        shutil.copy(SITE / name, out)


def write_fonts(folder, out):
    """KaTeX's style sheet with the one format of its fonts that every browser reads."""
    (out / "katex" / "fonts").mkdir(parents=True, exist_ok=True)
    css = (folder / "dist" / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r",url\([^)]*\.(?:woff|ttf)\) format\(\"\w+\"\)", "", css)
    (out / "katex" / "katex.min.css").write_text(css, encoding="utf-8")
    for font in (folder / "dist" / "fonts").glob("*.woff2"):
        shutil.copy(font, out / "katex" / "fonts")


def write_playground(root, built, out):
    """The playground: its page, the program that computes for it, and Go's file that starts such programs."""
    for file in (root / PLAYGROUND).iterdir():
        if file.suffix != ".txt":  # the addresses are for the tests
            shutil.copy(file, out)
    for name in ("wasm_exec.js", "licences.txt"):
        shutil.copy(built / name, out)
    # Compressed here, since not every host does it; without the time, so that it is the same file each time.
    (out / "playground.wasm.gz").write_bytes(gzip.compress((built / "playground.wasm").read_bytes(), 9, mtime=0))


def write_bill(listed, modules, out):
    """What the site ships of others, with versions and licences, in CycloneDX's form: what npm has listed, without what the pages
    do not need and without what differs from build to build, and the Go modules in the playground's program."""
    bill = json.loads(listed.read_text(encoding="utf-8"))
    bill.pop("serialNumber", None)
    bill["metadata"].pop("timestamp", None)
    bill["metadata"]["component"] = {"type": "application", "bom-ref": "descent-site", "name": "descent-site",
                                     "licenses": [{"expression": "MIT AND BSD-3-Clause AND CC-BY-4.0"}]}
    bill["components"] = [c for c in bill["components"] if (out / c["name"]).is_dir()]
    for line in modules.read_text(encoding="utf-8").splitlines():
        name, version = line.split()
        purl = f"pkg:golang/{name}@{version}"
        bill["components"].append({"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
                                   "licenses": [{"license": {"id": GO_LICENCES[name]}}]})
    bill["dependencies"] = [{"ref": "descent-site", "dependsOn": [c["bom-ref"] for c in bill["components"]]}]
    (out / "bom.cdx.json").write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")


def main(root, out, folder, built):
    root, out, folder, built = map(pathlib.Path, (root, out, folder, built))
    fresh = out.with_name(out.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        pages = build(root, katex(folder))
    except Broken as e:
        sys.exit(f"lab: {e}")
    write(pages, fresh)
    write_fonts(folder, fresh)
    write_playground(root, built, fresh)
    write_bill(folder.parents[1] / "bom.cdx.json", built / "modules.txt", fresh)
    shutil.rmtree(out, ignore_errors=True)
    os.replace(fresh, out)
    print(f"lab: {len(pages)} pages; open {out / 'index.html'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
