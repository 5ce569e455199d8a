// Tests of what makes the pages: node --test site.test.mjs
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { tokenize } from './config.mjs'
import { relativePage, relativeScript } from './finish.mjs'
import * as glossary from './glossary.mjs'
import { go } from './highlight.mjs'
import { bill, goModules } from './licences.mjs'
import { anchors, plain, render, withoutFormulas } from './markdown.mjs'
import { pages, searched } from './pages.mjs'
import { drawing, isChart } from './pictures.mjs'
import { loss, optimizers, path } from './theme/descend.js'

const folders = []
after(() => folders.forEach(f => rmSync(f, { recursive: true })))

const GLOSSARY = '# Glossary\n\n| English | 中文 | meaning | notebook |\n|---|---|---|---|\n| gradient | 梯度 | the slope | 3 |\n| gradient descent | 梯度下降 | steps | 3 |\n| average precision, mAP | 平均精度 | area | 6 |\n| bias (of data) | 偏差 | not this | 1 |\n'

// checkout makes one with these files and a glossary.
function checkout(files) {
  const root = mkdtempSync(join(tmpdir(), 'descent-site-'))
  folders.push(root)
  for (const [name, text] of Object.entries({ 'docs/glossary.md': GLOSSARY, ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), typeof text === 'string' ? text : JSON.stringify({ cells: text }))
  }
  return root
}
const md = source => ({ cell_type: 'markdown', id: 'm', metadata: {}, source })
const cell = (source, outputs = [], metadata = {}) => ({ cell_type: 'code', id: 'c0de', metadata, source, outputs })
const shown = (data, metadata = {}) => ({ output_type: 'display_data', data, metadata })
const chapter = (...cells) => pages(checkout({ 'notebooks/00-start.ipynb': [md('# 0 · Start\n\nAbout 35 minutes.'), ...cells] }))
const body = (...cells) => chapter(...cells).all[0].body

// A PNG of 4×4 pixels of these grey values.
function png(...pixels) {
  const chunk = (type, data) => {
    const head = Buffer.alloc(8)
    head.writeUInt32BE(data.length)
    head.write(type, 4)
    return Buffer.concat([head, data, Buffer.alloc(4)])
  }
  const rows = Buffer.from([0, 1, 2, 3].flatMap(y => [0, ...pixels.slice(4 * y, 4 * y + 4)]))
  return Buffer.concat([Buffer.alloc(8), chunk('IHDR', Buffer.from([0, 0, 0, 4, 0, 0, 0, 4, 8, 0, 0, 0, 0])), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}
const WHITE = png(...Array(15).fill(255), 0), BLACK = png(...Array(16).fill(7))

test('formulas', () => {
  const tex = source => [...render(source, anchors.notebook, 'x').matchAll(/<annotation[^>]*>([^<]*)/g)].map(m => m[1])
  assert.deepEqual(tex('so $a_1 * b_2 * c$ is'), ['a_1 * b_2 * c'])
  assert.deepEqual(tex('$$\na < b\n$$').length, 1)
  assert.deepEqual(tex('| a | b |\n|---|---|\n| $p(x|y)$ | 1 |'), ['p(x|y)'])
  assert.deepEqual(tex('from 5 $ to 7 $ each'), [])
  assert.deepEqual(tex('for $5 or $x$'), ['x'])
  assert.deepEqual(tex('the `$PATH` and `$HOME`'), [])
  assert.deepEqual(tex('```sh\necho $a $b\n```'), [])
  assert.match(render('a \\$x\\$ b', anchors.notebook, 'x'), /a \$x\$ b/)
  assert.match(render('\\begin{align}a &= b\\\\\nc\\end{align}', anchors.notebook, 'x'), /katex-display/)
  assert.throws(() => render('$\\nonsense$', anchors.notebook, 'notebook 7'), /notebook 7: the formula '\\nonsense' cannot be shown/)
})

test('what is folded is Markdown, too', () => {
  const html = render('<details><summary>Why $x$ and `y`?</summary>\n\nIt is **so**:\n\n```go\nx := 1\n```\n\n</details>\n\nAfter', anchors.notebook, 'x')
  assert.match(html, /<details><summary>[\s\S]*katex[\s\S]*<code>y<\/code>[\s\S]*<\/summary>\s*<p>It is <strong>so<\/strong>:<\/p>[\s\S]*<pre[\s\S]*<\/details>\s*<p>After<\/p>/)
})

test('anchors are those of Jupyter and GitHub', () => {
  assert.match(render('## The loss $L$', anchors.notebook, 'x'), /<h2 id="The-loss-\$L\$"[\s\S]*href="#The-loss-%24L%24"/)
  assert.match(render('## Early stopping, and `go`', anchors.document, 'x'), /<h2 id="early-stopping-and-go"/)
})

test('links lead to pages, and what the site does not have is no link', () => {
  const { all } = pages(checkout({
    'notebooks/00-start.ipynb': [md('# 0 · Start'), md('[a](01-next.ipynb#The-loss) [b](../docs/glossary.md#gradient) [c](../go.mod) [d](../course/playground/page/playground.html#v=1&opt=gd,adam) [e](https://example.org/?x=1&y=2) [f](#Start)')],
    'notebooks/01-next.ipynb': [md('# 1 · Next\n\n[← 0 Start](00-start.ipynb) · [2 →](02.ipynb)')], 'go.mod': 'module x\n',
  }))
  assert.match(all[0].body, /<a href="01-next.html#The-loss">a<\/a> <a href="glossary.html#gradient">b<\/a> c <a href="playground.html#v=1&amp;opt=gd,adam">d<\/a> <a href="https:\/\/example.org\/\?x=1&amp;y=2">e<\/a> <a href="#Start">f<\/a>/)
  assert.doesNotMatch(all[1].body, /←/) // the theme has these links
})

test('a cell keeps its source, its id, and what it is', () => {
  const source = 'import "x"\n\nfunc f[T any](a <-chan T) string {\n\treturn `a "b" // c` + "\\"" // d & e\n}\n\n%%\nf(1.5e-3)'
  const html = body(cell(source, [], { descent: { exercise: 'ch00.F' }, tags: ['nbval-ignore-output'] }))
  assert.match(html, /<div class="cell exercise" data-notebook="00-start" data-cell="c0de" data-index="0" data-exercise="ch00.F" data-fresh="" style="--high: 198px">/)
  assert.equal(plainText(/<pre class="source"[^>]*><code>([\s\S]*?)<\/code>/.exec(html)[1]), source)
  assert.match(html, /differs from run to run/)
  const folded = body(cell('func helper() {}', [{ output_type: 'stream', text: ['shown\n'] }], { jupyter: { source_hidden: true } }))
  assert.match(folded, /<details class="code"><summary>Code: helper<\/summary><pre class="source"[\s\S]*<\/details>\s*<div class="outputs"><pre class="stream prose" tabindex="0">shown<\/pre>/)
})
const plainText = html => html.replace(/<[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

test('what cannot run in a page says so', () => {
  const root = checkout({ 'notebooks/00-start.ipynb': [md('# 0'), cell('a'), md('x'), cell('!b'), cell('c')] })
  const html = pages(root, { '00-start': { 2: 'it needs a shell & more' }, '01-next': { 1: 'no' } }).all[0].body
  const cells = html.split('<div class="cell"').slice(1)
  assert.deepEqual(cells.map(c => c.includes('data-not-here="it needs a shell &amp; more"')), [false, true, false])
  assert.match(cells[1], /<p class="not-here">This cell runs in Jupyter only: it needs a shell &amp; more\. What it printed/)
  assert.deepEqual(cells.map(c => /not-here/.test(c)), [false, true, false])
})

test('a cell that takes long in a page says so', () => {
  const root = checkout({ 'notebooks/00-start.ipynb': [md('# 0'), cell('a'), cell('b'), cell('c')] })
  const cells = pages(root, {}, { '00-start': { 1: 19, 2: 34, 3: 130 } }).all[0].body.split('<div class="cell"').slice(1)
  assert.deepEqual(cells.map(c => /about \d+ \w+/.exec(c)?.[0]), [undefined, 'about 30 seconds', 'about 2 minutes'])
})

test('colours change no letter', () => {
  for (const code of ['x := \'\\\'\' + "a\\"b" // c', '`raw " // <`', '/* a\n b */ type T struct{ a map[string]int }', 'a1 0x1F 1e-9 nil', '!sh\n%% x\ny']) assert.equal(plainText(go(code)), code)
  assert.match(go('func f() string { return "func" }'), /<span class="k">func<\/span> <span class="f">f<\/span>.*<span class="t">string<\/span>.*<span class="s">&quot;func&quot;<\/span>/)
})

test('a long line may be broken, and is still the same', () => {
  const long = `\t\tfmt.Println(\`a raw string\nof two lines\`, "${'x'.repeat(50)}")`, html = go(`a\n${long}\nb`)
  assert.equal(plainText(html), `a\n${long}\nb`)
  assert.match(html, /<span class="s">`a raw string<\/span>\n<span class="long" style="--tabs: 0"><span class="s">of two lines`<\/span>, <span class="s">&quot;x+&quot;<\/span>\)\n<\/span>b$/)
})

test('a chart is the SVG that its PNG carries, and panels are parts of it', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg">ä</svg>', packed = deflateSync(svg), carrier = Buffer.concat([WHITE.subarray(0, -12), Buffer.alloc(12 + 8 + packed.length), WHITE.subarray(-12)])
  const at = WHITE.length - 12
  carrier.writeUInt32BE(8 + packed.length, at)
  carrier.write('iTXtSVG\0\x01\0\0\0', at + 4, 'latin1')
  packed.copy(carrier, at + 16)
  assert.equal(drawing(WHITE), undefined)
  assert.equal(drawing(carrier).toString(), svg)
  const about = { alt: 'Two.', width: 800, height: 320, title: 'A & B', panels: '0 20 400 300, 400 20 400 300' }
  const { all, pictures } = chapter(cell('x', [shown({ 'image/png': carrier.toString('base64') }, { 'image/png': about })]))
  assert.deepEqual([...pictures.files].map(([name, bytes]) => [/\w+$/.exec(name)[0], bytes.toString()]), [['svg', svg]])
  const html = all[0].body
  assert.match(html, /<div class="whole"><img class="drawing" src="figures\/[0-9a-f]{16}\.svg" alt="Chart: A &amp; B" width="800" height="320"/)
  assert.match(html, /<div class="panels drawing" role="img" aria-label="Chart: A &amp; B"><b>A &amp; B<\/b><span style="width:400px;aspect-ratio:400\/300"><img class="drawing" src="figures\/[0-9a-f]{16}\.svg" alt="" style="width:200%;left:0%;top:-6.667%"[^>]*><\/span><span [^>]*><img [^>]*left:-100%;top:-6.667%/)
  const column = body(cell('x', [shown({ 'image/png': carrier.toString('base64') }, { 'image/png': { ...about, panels: '0 20 800 150, 0 170 800 150' } })]))
  assert.doesNotMatch(column, /panels/)
})

test('figures have numbers, captions, sizes and texts', () => {
  const { all, pictures } = chapter(cell('x', [shown({ 'image/png': WHITE.toString('base64') }, { 'image/png': { alt: 'It falls.', width: 640, height: 400, title: 'Loss of "x"' } })]),
    cell('x', [shown({ 'image/png': BLACK.toString('base64'), 'image/gif': 'R0lGODlh', 'text/plain': 'It "moves".' })]))
  assert.match(all[0].body, /<figure class="figure" id="figure-1"><img class="chart" src="figures\/[0-9a-f]{16}\.png" alt="Chart: Loss of &quot;x&quot;" width="640" height="400" loading="lazy" decoding="async"><figcaption><a href="#figure-1">Figure 0\.1<\/a> It falls\./)
  assert.match(all[0].body, /src="figures\/[0-9a-f]{16}\.gif"[^>]*><figcaption><a href="#figure-2">Figure 0\.2<\/a> It &quot;moves&quot;/)
  assert.equal(pictures.files.size, 2)
  assert.throws(() => body(cell('x', [shown({ 'image/png': WHITE.toString('base64') })])), /00-start, cell c0de: a picture without a text/)
})

test('a player comes as it is, with its pictures as files', () => {
  const data = `data:image/png;base64,${WHITE.toString('base64')}`
  const html = body(cell('x', [shown({ 'text/html': `<figure data-frames="[&#34;${data}&#34;]"><img src="${data}" alt="x"><input oninput="this.value = '$x$' < 1"></figure>`, 'image/png': WHITE.toString('base64'), 'text/plain': 'p' })]))
  assert.match(html, /<div class="html chart"><figure data-frames="\[&#34;figures\/[0-9a-f]{16}\.png&#34;\]"><img src="figures\/[0-9a-f]{16}\.png" alt="x"><input oninput="this.value = '\$x\$' < 1">/)
})

test('white paper is a chart, a photograph is not', () => {
  assert.equal(isChart(WHITE), true)
  assert.equal(isChart(BLACK), false)
  assert.equal(isChart(png(...Array(11).fill(255), ...Array(5).fill(0))), false)
})

test('the first use of a word explains itself, in text alone', () => {
  const rows = glossary.read(GLOSSARY)
  const html = glossary.mark('<h2>Gradient</h2><p>The <code>gradient</code>: gradient descent, Gradients and gradient. A map; mAP. Bias.</p>', rows)
  assert.match(html, /<h2>Gradient<\/h2><p>The <code>gradient<\/code>: <a class="term" target="_self" href="glossary.html#gradient-descent" data-says="steps · 梯度下降">gradient descent<\/a>, <a class="term" target="_self" href="glossary.html#gradient" data-says="the slope · 梯度">Gradients<\/a> and gradient\. A map; <a class="term"[^>]*>mAP<\/a>\. Bias\./)
  assert.match(glossary.withRows(render(GLOSSARY, anchors.document, 'x'), rows), /<tr id="gradient-descent">\n<td>gradient descent<\/td>\n<td lang="zh">梯度下降<\/td>/)
})

test('choices of a quiz', () => {
  const html = body(md('<details><summary>A. One</summary>\n\nNo: x.\n\n</details>\n<details><summary>B. Two</summary>\n\nRight. y.\n\n</details>\n<details><summary>Solution</summary>\n\nz\n\n</details>\n<details><summary>Why?</summary>\n\nz\n\n</details>'))
  assert.deepEqual([...html.matchAll(/<details([^>]*)>/g)].map(m => m[1]), [' class="choice wrong"', ' class="choice right"', ' class="solution"', ''])
})

test('the search reads headings and words, not code', () => {
  const { all, rows } = chapter(md('## Loss $L$\n\nwords\n\n```go\nlisting\n```'), cell('secret := 1', [shown({ 'image/png': WHITE.toString('base64') }, { 'image/png': { alt: 'A falling curve' } }), { output_type: 'stream', text: 'printed' }]))
  const text = withoutFormulas(searched(all[0], rows))
  for (const word of ['Loss', 'words', 'A falling curve']) assert.ok(text.includes(word), word)
  for (const word of ['secret', 'listing', 'printed', 'katex']) assert.ok(!text.includes(word), word)
  assert.match(searched(all.find(p => p.name === 'glossary'), rows), /<h2>gradient descent 梯度下降<a href="#gradient-descent">/)
})

test('words of all languages', () => {
  assert.deepEqual(tokenize('Bias-correction of β₁, naïve'), ['Bias', 'correction', 'of', 'β₁', 'naïve'])
  assert.deepEqual(tokenize('梯度下降'), ['梯度', '度下', '下降'])
  assert.deepEqual(tokenize('Adam（批）x'), ['Adam', '批', 'x'])
  assert.deepEqual(new Function(`return ${tokenize}`)()('梯度 a'), ['梯度', 'a'])
})

test('addresses hold under any path', () => {
  assert.equal(relativePage('<meta charset="utf-8"><a href="/__base__/"><link href="/__base__/a.css">').includes('__base__'), false)
  const script = relativePage('<meta charset="utf-8"><script>a=JSON.parse("{\\"base\\":\\"/__base__/\\"}")</script>')
  assert.equal(new Function('siteBase', `return ${/a=(.*)<\/script>$/.exec(script)[1]}`)('/x/').base, '/x/')
  const run = (js, name) => new Function('siteBase', `return ${relativeScript(js, name)}`)('/x/')
  assert.equal(run('"/__base__/a"+1'), '/x/a1')
  assert.equal(run('`/__base__/a${1}`'), '/x/a1')
  assert.throws(() => relativeScript('f(`a /__base__/ b`)', 'x.js'), /x\.js holds/)
  assert.equal(relativeScript('const a=\'["/__base__/p"]\';export{a as default};', 'x'), 'const a=\'["/__base__/p"]\'.replaceAll("/__base__/",siteBase);export{a as default};')
})

test('a list of what is shipped; somebody looks at each new licence', () => {
  const packages = new Map([['b', { name: 'b', version: '1', license: 'MIT' }], ['a', { name: '@a/a', version: '2', license: 'ISC' }]])
  const made = bill(packages, { modules: goModules('std 1.99\ngonum.org/v1/gonum v0.1.0\n') })
  assert.deepEqual(made.components.map(c => [c.purl, c.licenses[0].license.id]), [['pkg:npm/%40a/a@2', 'ISC'], ['pkg:npm/b@1', 'MIT'], ['pkg:golang/std@1.99', 'BSD-3-Clause'], ['pkg:golang/gonum.org/v1/gonum@v0.1.0', 'BSD-3-Clause']])
  assert.throws(() => goModules('example.org/new v1.0.0\n'), /has not been looked at/)
})

test('the walks of the cover end in valleys, from wherever they start', () => {
  for (const name in optimizers) {
    for (let x = -5.6; x <= 5.6; x += 0.7) {
      for (let y = -4.2; y <= 4.2; y += 0.7) {
        const [a, b] = path(name, [x, y], 150).at(-1)
        assert.ok(loss(a, b) < Math.max(30, loss(x, y) / 4), `${name} from ${x}, ${y} ends at ${a}, ${b}`)
      }
    }
  }
})

test('the lock file names no host', () => {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', import.meta.url), 'utf8'))
  for (const [name, p] of Object.entries(lock.packages)) {
    assert.equal(p.resolved, undefined, name)
    if (name) assert.ok(p.integrity, `${name} has no checksum`)
  }
})

test('plain text of markup', () => assert.equal(plain('<b>a &lt;\n b</b>&ZeroWidthSpace;'), 'a < b'))

test('a per cent sign in a heading', () => {
  assert.match(body(md('## 93 % of cells\n\n[there](#93-%-of-cells) [there](#93-%25-of-cells)')), /<h2 id="93--of-cells"[\s\S]*<a href="#93--of-cells">there<\/a> <a href="#93--of-cells">/)
})
