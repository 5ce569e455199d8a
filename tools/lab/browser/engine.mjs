// Uses the engine of the course's page as a reader does, and tries to break it: runs, changes and stops cells; exercises; loops
// without an end; too much memory; a full cache; workers that die.
//
//   node engine.mjs ENGINE NOTEBOOKS CHROMIUM [ANSWERS]     (with ANSWERS, the output of tools/page/answers, all exercises)
//
// ONLY=a regular expression in the environment runs those checks alone whose name it finds.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cells, serve } from './notebookpage.mjs'
import { check, faults, has, want } from './checks.mjs'
import { launch } from './launch.mjs'

const [engine, notebooks, executablePath, answers] = process.argv.slice(2)
const index = JSON.parse(readFileSync(join(engine, 'index.json')))
const server = await serve(engine, notebooks, '/a/path/')
const browser = await launch(executablePath)
const chapter = '04-linear-and-logistic-regression'

async function open(context, name = chapter) {
  const page = await context.newPage()
  page.setDefaultTimeout(180_000)
  page.on('pageerror', e => faults.push(`script: ${e.message}`))
  page.on('request', r => { if (!/^(blob|data):/.test(r.url()) && !r.url().startsWith(server.address)) faults.push(`asks for ${r.url()}`) })
  await page.goto(`${server.address}${name}.html`)
  await page.waitForFunction(() => window.cells)
  return page
}

// run runs a cell, with a new text if there is one, and returns what became of it and what it says.
const run = (page, i, text, stop) => page.evaluate(async ([i, text, stop]) => {
  const cell = window.cells[i]
  if (text !== undefined) {
    if (!cell.editor) cell.edit()
    cell.editor.value = text
    cell.editor.dispatchEvent(new Event('input'))
  }
  if (stop !== undefined) setTimeout(() => cell.buttons.stop.click(), stop)
  const late = setTimeout(() => cell.stop(), 170_000) // a fault then has a name
  const { status, stopped, refused, failed, ms } = await cell.run()
  clearTimeout(late)
  return { status, stopped, refused, failed, ms, says: cell.outputs.textContent, shown: [...cell.outputs.querySelectorAll('[data-shown]')].map(e => e.className) }
}, [i, text, stop])

const context = await browser.newContext()
const page = await open(context)

await check('nothing big is fetched before a click', async () => {
  const sizes = await page.evaluate(() => performance.getEntriesByType('resource').map(r => [r.name, r.transferSize]))
  const sum = sizes.reduce((s, [, n]) => s + n, 0)
  want(sum < 150_000, `${sum} bytes`)
})

await check('three clicks: run, change, run again', async () => {
  const cell = page.locator('.cell').nth(4)
  await cell.getByRole('button', { name: 'Run' }).click()
  await page.waitForFunction(() => !document.querySelectorAll('.cell')[4].hasAttribute('data-busy'))
  want(await cell.locator('.failure').count() === 0 && !(await cell.locator('.outputs').textContent()).includes('stored'), 'it did not run')
  await cell.getByRole('button', { name: 'Edit' }).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText('%%\nfmt.Println("changed", strings.Repeat("ab", 2))')
  const price = cell.getByRole('button', { name: /Run: fetches the compiler, \d+ MB, once/ })
  await price.click()
  await page.waitForFunction(() => !document.querySelectorAll('.cell')[4].hasAttribute('data-busy'))
  has(await cell.locator('.outputs').textContent(), 'changed abab\n')
  want(await cell.getByRole('button', { name: 'Run', exact: true }).count() === 1, 'the button still has a price')
})

await check('a mistake is at its own line, in plain words, and the old version is not used in silence', async () => {
  let r = await run(page, 5, 'func twice(x float64) float64 {\n\treturn 2 * x\n}')
  has(r.says, 'Nothing to run here')
  r = await run(page, 6, '%%\nfmt.Println(twice(3))')
  has(r.says, '6\n')
  r = await run(page, 5, 'func twice(x float64) float64 {\n\treturn y * x\n}')
  has(r.says, 'cell [6], line 2: undefined: y')
  has(r.says, 'Check its spelling')
  r = await run(page, 6, '%%\nfmt.Println(twice(4))')
  has(r.says, 'twice runs as cell [6] has it: its newer version in cell [6] did not compile')
  has(r.says, '8\n')
  r = await run(page, 5, 'fmt.Println(1)')
  has(r.says, 'outside of a function Go allows only declarations')
  r = await run(page, 5, '!ls')
  has(r.says, 'A web page has no shell')
  r = await run(page, 5, 'import "net/smtp"\n%%\nsmtp.Dial("")')
  has(r.says, 'not among those that this page can compile')
})

await check('panics and other ends are explained', async () => {
  let r = await run(page, 5, '%%\nvar a []int\nfmt.Println(a[3])')
  has(r.says, 'panic: runtime error: index out of range [3]')
  has(r.says, 'cell [6], line 3')
  has(r.says, 'Counting begins at 0')
  r = await run(page, 5, '%%\nos.Exit(3)')
  has(r.says, 'ended itself with status 3')
  r = await run(page, 5, 'func f(n int) int { return f(n+1) + 1 }\n%%\nfmt.Println(f(0))')
  has(r.says, 'calls itself')
  r = await run(page, 5, '%%\nvar mu sync.Mutex\nmu.Lock()\nmu.Lock()')
  has(r.says, 'deadlock')
})

await check('charts, animations, players and progress in place', async () => {
  let r = await run(page, 5, '%%\nfmt.Println("before")\nplots.Show(plots.Lines("A", "x", "y", plots.Series{Y: []float64{0, 1}}), "a line")\nfmt.Println("after")')
  want(r.shown.join() === 'figure', `shows ${r.shown}`)
  const order = await page.evaluate(() => [...window.cells[5].outputs.children].map(e => e.className).join())
  want(order === 'stream,figure,stream', `in the order ${order}`)
  const image = page.locator('.cell').nth(5).locator('img')
  want(await image.getAttribute('alt') === 'Chart: A' && await image.locator('xpath=../figcaption').textContent() === 'a line' && await image.evaluate(i => i.decode().then(() => i.naturalWidth > 100)), 'no picture, or without its text')
  // A grid is one SVG, with windows onto its panels for a phone; an image has pixels.
  r = await run(page, 5, '%%\nc := plots.Lines("A", "x", "y", plots.Series{Y: []float64{0, 1}})\nplots.Show(plots.Grid("Two", 2, c, c), "two lines")\nplots.Show(plots.Images("Gray", 1, plots.Image{Width: 2, Pixels: []float64{0, 1, 2, 3}}), "a square")')
  want(r.shown.join() === 'figure,figure', `shows ${r.shown}`)
  const kinds = await page.locator('.cell').nth(5).locator('figure').evaluateAll(all => all.map(f => [...f.querySelectorAll('img')].map(i => i.className).join()).join(' | '))
  want(kinds === 'drawing,drawing,drawing | picture', `shows ${kinds}`)
  const types = await page.locator('.cell').nth(5).locator('figure > img, .whole > img').evaluateAll(all => Promise.all(all.map(async i => (await (await fetch(i.src)).blob()).type)))
  want(types.join() === 'image/svg+xml,image/png', `shows ${types}`)
  r = await run(page, 5, '%%\nvar all []*plots.Chart\nfor i := range 3 {\n\tall = append(all, plots.Lines("A", "x", "y", plots.Series{Y: []float64{0, float64(i)}}))\n}\nplots.Player("i", []string{"a", "b", "c"}, all, "lines")\nplots.Animate(100*time.Millisecond, all, "lines")')
  want(r.shown.join() === 'html,html', `shows ${r.shown}`)
  await page.locator('.cell').nth(5).locator('input[type=range]').evaluate(e => { e.value = 2; e.dispatchEvent(new Event('input', { bubbles: true })) })
  has(await page.locator('.cell').nth(5).locator('output').textContent(), 'c')
})

await check('a slider moves what its cell draws', async () => {
  const done = run(page, 7, 'import "github.com/descent-go/descent/plots/widget"\n%%\nwidget.Slider("slope", -2, 2, 1, func(s float64) *plots.Chart {\n\tfmt.Println("drawn for", s)\n\treturn plots.Lines("A", "x", "y", plots.Series{Y: []float64{0, s}})\n}, "a line")')
  const cell = page.locator('.cell').nth(7)
  await cell.locator('input[type=range]').evaluate(e => { e.value = -1; e.dispatchEvent(new Event('input', { bubbles: true })) })
  await page.waitForFunction(() => window.cells[7].outputs.textContent.includes('drawn for -1'))
  await cell.getByRole('button', { name: 'done' }).click()
  has((await done).says, 'The slider is gone: you are done')
})

await check('tests run', async () => {
  const r = await run(page, 5, '%test\nimport "testing"\nfunc TestHalf(t *testing.T) {\n\tif 1/2 != 0 {\n\t\tt.Error("no")\n\t}\n}')
  has(r.says, '--- PASS: TestHalf')
})

await check('files that cells write persist for the later ones', async () => {
  await run(page, 5, '%%\nos.MkdirAll("out", 0o777)\nos.WriteFile("out/a.txt", []byte("kept"), 0o666)')
  let r = await run(page, 6, '%%\nb, err := os.ReadFile("out/a.txt")\nfmt.Println(string(b), err)')
  has(r.says, 'kept <nil>')
  r = await run(page, 5, '%%\nos.WriteFile("out/b.txt", nil, 0o666)\nfor {\n}', 3000)
  want(r.stopped, `not stopped: ${JSON.stringify(r)}`)
  r = await run(page, 6, '%%\nb, err := os.ReadFile("out/a.txt")\nfmt.Println(string(b), err, "still")')
  has(r.says, 'kept <nil> still')
})

await check('stop works at any moment, and costs no reload', async () => {
  for (const after of [0, 30, 200, 1000, 3000]) {
    const r = await run(page, 5, `%%\nfmt.Println(${after})\nfor {\n}`, after)
    want(r.stopped, `not stopped after ${after} ms: ${JSON.stringify(r)}`)
  }
  const before = await page.evaluate(() => performance.getEntriesByType('resource').filter(r => r.name.endsWith('.gz')).length)
  has((await run(page, 6, '%%\nfmt.Println("on")')).says, 'on\n')
  want(await page.evaluate(() => performance.getEntriesByType('resource').filter(r => r.name.endsWith('.gz')).length) === before, 'something was fetched again')
})

await check('an endless loop is remarked upon', async () => {
  const done = run(page, 5, '%%\nfor {\n}')
  await page.waitForFunction(() => /If a loop in it never ends, Stop ends it/.test(window.cells[5].tools.textContent), null, { timeout: 120_000 })
  await page.evaluate(() => window.cells[5].stop())
  want((await done).stopped, 'it goes on')
})

await check('too much memory and too much output are sentences', async () => {
  let r = await run(page, 5, '%%\nb := make([]byte, 4<<30)\nfmt.Println(len(b))')
  has(r.says, 'not enough memory')
  r = await run(page, 5, '%%\nvar all [][]byte\nfor {\n\tall = append(all, make([]byte, 256<<20))\n}')
  has(r.says, 'not enough memory')
  r = await run(page, 5, '%%\nline := strings.Repeat("x", 1023)\nfor range 11 << 10 {\n\tfmt.Println(line)\n}')
  has(r.says, 'The output was cut here')
  has((await run(page, 6, '%%\nfmt.Println("alive")')).says, 'alive\n')
})

await check('a worker that dies without a word is remarked upon, Stop helps, and nothing is lost', async () => {
  await run(page, 5, '%%\nos.WriteFile("before.txt", []byte("of before"), 0o666)')
  const kill = name => { for (const w of page.workers()) if (w.url().endsWith(name)) w.evaluate(() => self.close()).catch(() => {}) }
  const done = run(page, 5, '%%\nfmt.Println("it waits")\ntime.Sleep(time.Hour)')
  await page.waitForFunction(() => window.cells[5].outputs.textContent.includes('it waits'))
  kill('runner.js')
  await page.waitForFunction(() => /has said nothing for 20 seconds/.test(window.cells[5].tools.textContent), null, { timeout: 60_000 })
  await page.evaluate(() => window.cells[5].stop())
  has((await done).says, 'Stopped. What other cells have written is kept.')
  has((await run(page, 6, '%%\nb, err := os.ReadFile("before.txt")\nfmt.Println(string(b), err)')).says, 'of before <nil>')
  kill('builder.js')
  want((await run(page, 6, '%%\nfmt.Println("again")', 3000)).stopped, 'a dead compiler compiles')
  await page.waitForFunction(() => window.cells[5].chapter.builder.broken, null, { timeout: 60_000 })
  has((await run(page, 6)).says, 'again\n')
  has(await page.evaluate(() => window.cells[5].text), 'it waits') // what was typed is there
})

await check('a worker that fails is a sentence', async () => {
  const done = run(page, 5, '%%\nfor {\n}')
  await page.waitForFunction(() => window.cells[5].current.runs)
  await page.evaluate(() => window.cells[5].chapter.runner.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' })))
  has((await done).says, 'The browser has ended the cell: out of memory')
  has((await run(page, 6, '%%\nfmt.Println("after it")')).says, 'after it\n')
})

await check('a worker that dies while it compiles is a sentence', async () => {
  const done = run(page, 5, '%%\nfmt.Println("compiled at last")')
  await page.waitForFunction(() => window.cells[5].tools.textContent.includes('compiling'))
  await page.evaluate(() => window.cells[5].chapter.builder.worker.dispatchEvent(new ErrorEvent('error', { message: 'gone' })))
  has((await done).says, "The compiler's part of the page has ended: gone. Run the cell again")
  has((await run(page, 5, '%%\nfmt.Println("compiled at last")')).says, 'compiled at last\n')
})

await check('a crashed tab: what was changed is there when it is opened again', async () => {
  const context = await browser.newContext(), page = await open(context)
  await run(page, 5, '%%\nfmt.Println("typed before the crash")')
  const crashed = page.waitForEvent('crash')
  page.goto('chrome://crash').catch(() => {})
  await crashed
  await page.close()
  const again = await open(context)
  has(await again.evaluate(() => window.cells[5].text), 'typed before the crash')
  has((await run(again, 5)).says, 'typed before the crash\n')
  await context.close()
})

await check('no room for what is typed, and none for progress, is a sentence', async () => {
  const context = await browser.newContext(), page = await open(context)
  const stored = cells(join(notebooks, `${chapter}.ipynb`)), i = stored.findIndex(c => c.exercise), name = stored[i].exercise.split('.')[1]
  await page.evaluate(() => {
    let rest = 'x'.repeat(1 << 20)
    for (let n = 0; rest; n++) {
      try { localStorage.setItem(`full${n}`, rest) } catch { rest = rest.slice(rest.length / 2 + 1) }
    }
  })
  await page.evaluate(() => {
    const cell = window.cells[5]
    cell.edit()
    cell.editor.value = '%%\nfmt.Println("not kept")\n' + '// '.repeat(1 << 10)
    cell.editor.dispatchEvent(new Event('input'))
  })
  await page.waitForFunction(() => /no room for what you have changed/.test(window.cells[5].status.textContent), null, { timeout: 60_000 })
  has((await run(page, 5)).says, 'not kept\n')
  has((await run(page, i, `%%\ncheck.Hint("${name}")`)).says, 'no room for your progress')
  await context.close()
})

await check('exercises: right, wrong, and progress in the file of Jupyter', async () => {
  const stored = cells(join(notebooks, `${chapter}.ipynb`)), i = stored.findIndex(c => c.exercise), name = stored[i].exercise.split('.')[1]
  await page.evaluate(() => { window.right = []; addEventListener('descent:exercise', e => window.right.push(e.detail.exercise)) })
  let r = await run(page, i)
  has(r.says, 'not yet done')
  r = await run(page, i, stored[i].source.replace('panic("TODO")', 'unused := 1\n\tpanic("TODO")'))
  has(r.says, 'declared and not used: unused')
  await page.evaluate(n => localStorage.setItem('descent.exercises', `{"time":"2026-01-01T00:00:00Z","exercise":"${n}","state":"tried"}\n`), name)
  r = await run(page, i, `%%\ncheck.Hint("${name}")`)
  has(r.says, 'Hint 1 of')
  has(await page.evaluate(() => localStorage.getItem('descent.exercises')), '"hint":1')
  const [saved] = await Promise.all([page.waitForEvent('download'), page.evaluate(i => window.cells[i].tools.querySelector('details button').click(), i)])
  want(saved.suggestedFilename() === 'descent-progress.jsonl', saved.suggestedFilename())
  const lines = readFileSync(await saved.path(), 'utf8').trim().split('\n').map(l => JSON.parse(l))
  want(lines.length === 2 && lines[1].hint === 1, JSON.stringify(lines))
  await page.locator('input[type=file]').first().setInputFiles({ name: 'p.jsonl', mimeType: 'text/plain', buffer: Buffer.from('{"time":"2026-01-02T00:00:00Z","exercise":"IoU","state":"right"}\nnonsense\n') })
  await page.waitForFunction(() => /1 line is new/.test(document.querySelector('main').textContent))
  has(await page.evaluate(() => localStorage.getItem('descent.exercises')), '"IoU","state":"right"')
})

await check('no room in the browser is a sentence', async () => {
  const small = await browser.newContext(), page = await open(small), session = await small.newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.address).origin, quotaSize: 1 << 20 })
  const r = await run(page, 5, '%%\nfmt.Println("runs all the same")')
  has(r.says, 'runs all the same')
  has(r.says, 'no room to keep the compiler')
  await small.close()
})

await check('what was fetched is kept, and needs no connection', async () => {
  await run(page, 5, '%%\nfmt.Println("fetched")')
  const again = await open(context), big = []
  again.on('request', r => { if (/\/(compile|link|packages)-/.test(r.url())) big.push(r.url()) })
  want(await again.evaluate(() => window.cells[5].chapter.cost()) === 0, 'it has a price again')
  has((await run(again, 5, '%%\nfmt.Println("kept")')).says, 'kept\n')
  want(big.length === 0, `it fetches ${big}`)
  await context.setOffline(true) // a page that is opened offline is the service worker's
  has((await run(again, 5, '%%\nfmt.Println("offline")')).says, 'offline\n')
  await context.setOffline(false)
  await again.close()
})

if (answers) {
  const first = page
  const all = JSON.parse(readFileSync(answers))
  for (const name in index.chapters) {
    const stored = cells(join(notebooks, `${name}.ipynb`))
    if (!stored.some(c => c.exercise)) continue
    await check(`exercises of ${name}`, async () => {
      for (const [i, c] of stored.entries()) {
        const a = all.find(a => a.exercise === c.exercise)
        if (!a) continue
        await first.evaluate(() => localStorage.clear()) // the page remembers what is declared, as the kernel does: each has its own
        const page = await open(context, name), short = a.exercise.split('.')[1]
        has((await run(page, i, a.wrong)).says, a.words)
        const right = await run(page, i, a.right)
        want(right.says.startsWith(`${short}: right`), `${a.exercise}: ${right.says.slice(0, 600)}`)
        has(await page.evaluate(() => localStorage.getItem('descent.exercises')), `"exercise":"${short}","state":"right"`)
        await page.close()
      }
    })
  }
}

await browser.close()
server.close()
