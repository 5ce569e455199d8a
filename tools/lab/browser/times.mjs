// Measures the engine of the course's page: sizes, and seconds until a cell has run, on the clock and of processor time (which
// other work on the machine lengthens less). The cell's own work is not counted. Prints JSON, one row in each line.
//
//   node times.mjs ENGINE NOTEBOOKS CHROMIUM [REPEAT]
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { serve } from './notebookpage.mjs'

const [engine, notebooks, executablePath, repeat = '7'] = process.argv.slice(2)
const index = JSON.parse(readFileSync(join(engine, 'index.json')))
const server = await serve(engine, notebooks)
const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update'] })
const system = await browser.newBrowserCDPSession()
const context = await browser.newContext()

const cpu = async () => (await system.send('SystemInfo.getProcessInfo')).processInfo.reduce((sum, p) => sum + p.cpuTime, 0)
const row = (name, value) => console.log(JSON.stringify({ name, ...value }))
const median = all => all.sort((a, b) => a - b)[all.length >> 1]

async function open() {
  const page = await context.newPage()
  page.setDefaultTimeout(300_000)
  await page.goto(`${server.address}04-linear-and-logistic-regression.html`)
  await page.waitForFunction(() => window.cells)
  return page
}

// run returns the seconds that a run takes beyond the cell's own work, and the processor time of it all.
async function run(page, i, text) {
  const before = await cpu()
  const got = await page.evaluate(async ([i, text]) => {
    const cell = window.cells[i]
    if (text !== undefined) {
      if (!cell.editor) cell.edit()
      cell.editor.value = text
    }
    const begun = performance.now(), { status, ms = 0, lines } = await cell.run()
    if (status !== 0) throw new Error(`it failed: ${lines}`)
    return { clock: (performance.now() - begun - ms) / 1000, own: ms / 1000 }
  }, [i, text])
  return { ...got, cpu: await cpu() - before }
}

async function several(name, page, i, text) {
  const all = []
  for (let k = 0; k < Number(repeat); k++) all.push(await run(page, i, text?.(k)))
  row(name, { clock: median(all.map(r => r.clock)), own: median(all.map(r => r.own)), cpu: median(all.map(r => r.cpu)), best: Math.min(...all.map(r => r.clock)) })
}

const size = files => files.reduce((sum, f) => sum + f.size, 0)
row('compiler', { bytes: index.compile.size })
row('linker', { bytes: index.link.size })
row('rules', { bytes: index.front.size })
row('packages', { bytes: size(index.packs), shared: index.packs[0].size })
let page = await open()
row('fetched for the first change', { bytes: await page.evaluate(async () => (await window.cells[5].chapter.needed()).reduce((s, f) => s + f.size, 0)) })
row('chapter 4, all cells', { bytes: await page.evaluate(async () => (await window.cells[5].chapter.open()).programs.reduce((s, f) => s + f.size, 0)) })
row('first Run, nothing kept', await run(page, 4))
await page.close()
page = await open()
row('first Run', await run(page, 4))
await several('later Run', page, 4)
row('first change', await run(page, 5, '%%\nfmt.Println("first")'))
await several('change of a cell that prints', page, 5, k => `%%\nfmt.Println("again", ${k})`)
row('first change that draws', await run(page, 5, '%%\nplots.Show(plots.Lines("A", "x", "y", plots.Series{Y: []float64{0, 1, 2}}), "a line")'))
await several('change of a cell that draws', page, 5, k => `%%\nplots.Show(plots.Lines("A", "x", "y", plots.Series{Y: []float64{0, 1, ${k}}}), "a line")`)
await browser.close()
server.close()
