"""Tests of the static site, with a stand-in for KaTeX: the browser's test has the real one."""
import html.parser
import json
import pathlib
import re
import tempfile
import unittest

import nbformat
from nbformat import v4

import publish

PIXEL = "iVBORw0KGgo="


def render(formulas):
    return [{"error": "no such command"} if "\\nonsense" in tex else f"<span class=\"katex\">[{tex}|{display}]</span>"
            for tex, display in formulas]


def elements(body, tag):
    """The attributes of each element of that name."""
    found = []
    parser = html.parser.HTMLParser()
    parser.handle_starttag = lambda name, attributes: found.append(dict(attributes)) if name == tag else None
    parser.feed(body)
    return found


class Site(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("notebooks", "docs"):
            (self.root / name).mkdir()

    def notebook(self, name, *cells):
        cells = [v4.new_markdown_cell(c) if isinstance(c, str) else c for c in cells]
        nbformat.write(v4.new_notebook(cells=cells, metadata={"language_info": {"name": "go"}}),
                       self.root / "notebooks" / f"{name}.ipynb")

    def body(self, *cells):
        self.notebook("00-start", *cells)
        return publish.build(self.root, render)[0].body

    def display(self, data, **metadata):
        return v4.new_code_cell("x", outputs=[v4.new_output("display_data", data=data, metadata=metadata)])


class Markdown(Site):
    def test_formulas(self):
        for name, source, shown in [
            ("inline", "so $a_1 * b_2 * c$ is", "so <span class=\"katex\">[a_1 * b_2 * c|False]</span> is"),
            ("displayed", "$$\na < b\n$$", "[\na < b\n|True]"),
            ("environment", "\\begin{align}a &= b\\\\\nc\\end{align}", "[\\begin{align}a &= b\\\\\nc\\end{align}|True]"),
            ("beside a bar in a table", "| a | b |\n|---|---|\n| $p(x|y)$ | 1 |", "<td><span class=\"katex\">[p(x|y)|False]</span></td>"),
            ("two prices", "from 5 $ to 7 $ each", "from 5 $ to 7 $ each"),
            ("a price and a formula", "for $5 or $x$", "for $5 or <span class=\"katex\">[x|False]</span>"),
            ("escaped", "a \\$x\\$ b", "a $x$ b"),
            ("in code", "the `$PATH` and `$HOME`", "<code>$PATH</code> and <code>$HOME</code>"),
            ("in a block of code", "```sh\necho $a $b\n```", "$b"),
        ]:
            with self.subTest(name):
                body = self.body(source)
                self.assertIn(shown, re.sub(r"</?span[^>]*>(?=[^<\[]*</pre>)", "", body) if "block" in name else body)
                self.assertEqual("katex" in body, "|False]" in shown or "|True]" in shown)

    def test_what_is_folded_is_markdown_too(self):
        body = self.body("<details><summary>Why $x$ and `y`?</summary>\n\nIt is **so**:\n\n```go\nx := 1\n```\n\n</details>\n\nAfter")
        self.assertRegex(body, r'<details><summary>Why <span class="katex">\[x\|False\]</span> and <code>y</code>\?\s*</summary>'
                               r"\s*<p>It is <strong>so</strong>:</p>[\s\S]*<pre>[\s\S]*</details>\s*<p>After</p>")

    def test_the_anchors_are_those_that_jupyter_gives(self):
        self.notebook("00-start", "# Start\n\n[there](01-next.ipynb#The-loss-$L$) [here](#Start)")
        self.notebook("01-next", "# Next\n\n## The loss $L$")
        start, following = publish.build(self.root, render)
        self.assertIn('href="01-next.html#The-loss-$L$"', start.body)
        self.assertIn('id="The-loss-$L$"', following.body)

    def test_a_formula_that_cannot_be_shown_is_named(self):
        with self.assertRaisesRegex(publish.Broken, r"00-start.ipynb: the formula '\\\\nonsense' cannot be shown: no such command"):
            self.body("# T\n\n$\\nonsense$")


class Links(Site):
    def test_links(self):
        (self.root / "docs" / "glossary.md").write_text("# Glossary\n\n## Early stopping\n\n[start](../notebooks/00-start.ipynb)\n")
        (self.root / "go.mod").write_text("module x\n")
        self.notebook("01-next", "# Next")
        for name, link, shown in [
            ("a notebook", "[a](01-next.ipynb)", '<a href="01-next.html">a</a>'),
            ("the first page", "[a](00-start.ipynb#T)", '<a href="00-start.html#T">a</a>'),
            ("a document", "[a](../docs/glossary.md#early-stopping)", '<a href="glossary.html#early-stopping">a</a>'),
            ("a file that is no page", "[the `module`](../go.mod)", "<p>the <code>module</code></p>"),
            ("the playground", "[a](../course/playground/page/playground.html#v=1&opt=gd,adam)",
             '<a href="playground.html#v=1&amp;opt=gd,adam">a</a>'),
            ("elsewhere", "[a](https://example.org/?x=1&y=2)", '<a href="https://example.org/?x=1&amp;y=2">a</a>'),
        ]:
            with self.subTest(name):
                self.assertIn(shown, self.body("# T", link))
        glossary = publish.build(self.root, render)[-1]
        self.assertIn('<h2 id="early-stopping">', glossary.body)
        self.assertIn('href="00-start.html"', glossary.body)


class Code(Site):
    def test_a_folded_cell_is_folded_and_its_output_is_not(self):
        folded = v4.new_code_cell("helper := 1", metadata={"jupyter": {"source_hidden": True}, "tags": ["hide-input"]},
                                  outputs=[v4.new_output("stream", text="shown")])
        body = self.body("# T", folded, v4.new_code_cell("taught := 2"))
        self.assertRegex(body, r'<details class="code"><summary>Code</summary>[\s\S]*helper[\s\S]*</details>[\s\S]*<pre class="output"[^>]*>shown')
        self.assertEqual(body.count("<details"), 1)
        self.assertGreater(body.index("taught"), body.index("</details>"))


class Outputs(Site):
    def test_pictures_keep_their_text_and_size(self):
        for mime in ("image/png", "image/gif"):
            with self.subTest(mime):
                body = self.body(self.display({mime: PIXEL, "text/plain": "plain"},
                                              **{mime: {"alt": 'A "line" & more', "width": 640, "height": 400}}))
                self.assertEqual(elements(body, "img"), [{
                    "class": "output", "src": f"data:{mime};base64,{PIXEL}", "alt": 'A "line" & more',
                    "width": "640", "height": "400"}])

    def test_a_moving_picture_is_preferred_to_its_still(self):
        body = self.body(self.display({"image/png": PIXEL, "image/gif": PIXEL, "text/plain": "walks"}))
        [picture] = elements(body, "img")
        self.assertTrue(picture["src"].startswith("data:image/gif"))
        self.assertEqual(picture["alt"], "walks")

    def test_a_player_comes_as_it_is(self):
        player = "<figure><input type=\"range\" oninput=\"this.value = '$x$' < 1\"></figure>"
        body = self.body(self.display({"text/html": player, "image/png": PIXEL, "text/plain": "p"}))
        self.assertEqual(elements(body, "input"), [{"type": "range", "oninput": "this.value = '$x$' < 1"}])
        self.assertEqual(elements(body, "img"), [])

    def test_text_is_text(self):
        cell = v4.new_code_cell("a < b", outputs=[v4.new_output("stream", name="stdout", text="1 < 2 $x$\n")])
        self.assertIn("1 &lt; 2 $x$", self.body(cell))


class Written(Site):
    def test_the_search_knows_every_section(self):
        picture = self.display({"image/png": PIXEL, "text/plain": "p"}, **{"image/png": {"alt": "A falling curve"}})
        self.notebook("00-start", "# Start\n\nHello $x$\n\n## Two `words`\n\ninside", picture)
        [page] = publish.build(self.root, render)
        self.assertEqual([(s.title, s.anchor) for s in page.sections], [("Start", "Start"), ("Two words", "Two-words")])
        self.assertEqual(page.sections[0].text, "Hello [x|False]")
        self.assertIn("A falling curve", page.sections[1].text)

    def test_a_page_names_itself_and_loads_nothing_from_elsewhere(self):
        self.notebook("00-start", "# Start & go\n\n[out](https://example.org/)")
        self.notebook("01-next", "# Next\n\n## Part")
        out = self.root / "site"
        publish.write(publish.build(self.root, render), out)
        self.assertEqual({p.name for p in out.iterdir()}, {"index.html", "00-start.html", "01-next.html", "search.js", "site.css", "site.js"})
        first, second = ((out / name).read_text() for name in ("00-start.html", "01-next.html"))
        cover = (out / "index.html").read_text()
        self.assertIn('<a href="00-start.html">Start &amp; go</a>', cover)
        self.assertIn('src="playground.html', cover)
        self.assertIn("<title>Start &amp; go · Descent</title>", first)
        self.assertIn("<title>Next · Descent</title>", second)
        self.assertIn('<a href="01-next.html" aria-current="page">Next</a>', second)
        self.assertIn('<a href="#Part">Part</a>', second)
        for file in out.iterdir():
            text = file.read_text()
            self.assertEqual(re.findall(r"""(?:src|<link[^>]*href)=["']?https?:[^"' >]*|url\(["']?https?:|@import""", text), [], file.name)
            if file.suffix == ".html":
                self.assertIn('<html lang="en">', text)
                self.assertIn('name="viewport"', text)

    def test_the_bill_has_what_is_shipped(self):
        listed = {"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "new each time", "dependencies": [],
                  "metadata": {"timestamp": "new each time", "tools": []},
                  "components": [{"bom-ref": f"{name}@1", "name": name, "version": "1", "licenses": [{"license": {"id": "MIT"}}]} for name in ("katex", "commander")]}
        file, out = self.root / "listed.json", self.root / "site"
        file.write_text(json.dumps(listed))
        (out / "katex").mkdir(parents=True)
        modules = self.root / "modules.txt"
        modules.write_text("std go1.99\ngonum.org/v1/gonum v0.1.0\n")
        publish.write_bill(file, modules, out)
        bill = json.loads((out / "bom.cdx.json").read_text())
        self.assertEqual([(c["name"], c["licenses"][0]["license"]["id"]) for c in bill["components"]],
                         [("katex", "MIT"), ("std", "BSD-3-Clause"), ("gonum.org/v1/gonum", "BSD-3-Clause")])
        modules.write_text("example.org/new v1.0.0\n")
        with self.assertRaises(KeyError):  # somebody has to look at its licence
            publish.write_bill(file, modules, out)
        self.assertEqual(bill["metadata"]["component"]["licenses"], [{"expression": "MIT AND BSD-3-Clause AND CC-BY-4.0"}])
        self.assertNotIn("new each time", json.dumps(bill))


if __name__ == "__main__":
    unittest.main()
