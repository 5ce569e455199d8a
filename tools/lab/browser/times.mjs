// Measures the engine of the course's page: sizes, and seconds until a cell has run, on the clock and of processor time (which
// other work on the machine lengthens less). The cell's own work is not counted on the clock. Writes the rows into a document.
//
//   node times.mjs ENGINE NOTEBOOKS CHROMIUM DOCUMENT [REPEAT]
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fill } from './document.mjs'
import { launch } from './launch.mjs'
import { serve } from './notebookpage.mjs'

const [engine, notebooks, executablePath, file, repeat = '7'] = process.argv.slice(2)
const index = JSON.parse(readFileSync(join(engine, 'index.json')))
const server = await serve(engine, notebooks)
const browser = await launch(executablePath)
const system = await browser.newBrowserCDPSession()
const context = await browser.newContext()

const cpu = async () => (await system.send('SystemInfo.getProcessInfo')).processInfo.reduce((sum, p) => sum + p.cpuTime, 0)
const sizes = [], times = []
const load = loadavg()[0] // before anything is measured
function row(name, value) {
  console.log(JSON.stringify({ name, ...value }))
  if ('bytes' in value) sizes.push(`| ${name} | ${(value.bytes / 1e6).toFixed(1)} MB |`)
  else times.push(`| ${name} | ${value.clock.toFixed(2)} s | ${value.best === undefined ? '' : `${value.best.toFixed(2)} s`} | ${value.cpu.toFixed(2)} s | ${value.own.toFixed(2)} s |`)
}
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
    const begun = performance.now(), { status, ms = 0, lines, refused, failed } = await cell.run()
    if (status !== 0) throw new Error(`it failed: ${lines ?? refused ?? failed}`)
    return { clock: (performance.now() - begun - ms) / 1000, own: ms / 1000 }
  }, [i, text])
  return { ...got, cpu: await cpu() - before }
}

async function several(name, page, i, text) {
  const all = []
  for (let k = 0; k < Number(repeat); k++) all.push(await run(page, i, text?.(k)))
  row(name, { clock: median(all.map(r => r.clock)), own: median(all.map(r => r.own)), cpu: Math.min(...all.map(r => r.cpu)), best: Math.min(...all.map(r => r.clock)) })
}

const size = files => files.reduce((sum, f) => sum + f.size, 0)
row('compiler', { bytes: index.compile.size })
row('linker', { bytes: index.link.size })
row('rules for cells', { bytes: index.front.size })
row('packages, all', { bytes: size(index.packs) })
row('packages that all chapters share', { bytes: index.packs[0].size })
let page = await open()
row('compiler, linker and packages of chapter 4, fetched for the first change', { bytes: await page.evaluate(async () => (await window.cells[5].chapter.needed()).reduce((s, f) => s + f.size, 0)) })
row('all cells of chapter 4, fetched for the first Run', { bytes: await page.evaluate(async () => (await window.cells[5].chapter.open()).programs.reduce((s, f) => s + f.size, 0)) })
const prints = k => `%%\nfmt.Println("again", ${k})`
const draws = k => `%%\nplots.Show(plots.Lines("A", "x", "y", plots.Series{Y: []float64{0, 1, ${k}}}), "a line")`
row('first Run of a chapter, nothing kept', await run(page, 4))
await page.close()
page = await open()
row('first Run of a chapter, kept from an earlier visit', await run(page, 4))
await several('later Run', page, 4)
row('first change, everything fetched', await run(page, 5, prints(-1)))
await several('a changed cell that prints', page, 5, prints)
row('first change that draws', await run(page, 5, draws(-1)))
await several('a changed cell that draws', page, 5, draws)
const version = browser.version()
await browser.close()
server.close()
fill(file, 'engine: times', `| what the page fetches, compressed | |
|---|---|
${sizes.join('\n')}

| until it has run, beyond the cell's own work | median | shortest | processor time, with the work, shortest | the cell's own work, median |
|---|---|---|---|---|
${times.join('\n')}

Chromium ${version}, on the machine above; ${repeat} times each, but what is a first time once. The load was ${load.toFixed(1)} when it began.`)
