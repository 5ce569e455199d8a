// Runs all cells of notebooks in a page and compares what they print with what is stored: a report of which run and are equal,
// which differ and why, and which are not for a page and why. A cell that differs without a reason is a fault.
//
//   node cells.mjs ENGINE NOTEBOOKS CHROMIUM REPORT SECONDS [NAME…]     (cells that take longer than SECONDS are stopped)
import { readdirSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { cells, serve } from './notebookpage.mjs'

const [engine, notebooks, executablePath, report, seconds, ...names] = process.argv.slice(2)
const index = JSON.parse(readFileSync(join(engine, 'index.json')))
const all = readdirSync(notebooks).filter(f => f.endsWith('.ipynb')).map(f => f.slice(0, -6)).filter(n => names.length ? names.includes(n) : index.chapters[n])
const server = await serve(engine, notebooks)
const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update'] })

// Cells that differ, by their number, and why.
const chaos = 'training at a rate that is too large: it grows the last bit of a rounding, and wasm sums in another order than AVX'
const reasons = {
  '09-faq 22': 'it measures errors of rounding, and wasm sums in another order than AVX',
  '01-background 9': chaos, '01-background 10': chaos, '04c-backpropagation 18': chaos, '06a2-convolutional-networks 10': chaos, '06a2-convolutional-networks 23': chaos,
}
const count = {}, lines = []
let bad = 0

function note(kind, name, number, why, fault) {
  count[kind] = (count[kind] ?? 0) + 1
  if (fault) bad++
  const line = `${name} In [${number}]: ${kind}${why ? `: ${why}` : ''}`
  if (kind !== 'equal') console.log(`${fault ? 'FAIL  ' : '      '}${line}`)
  lines.push(line)
}

// difference says where two texts begin to differ.
function difference(got, want) {
  const a = got.split('\n'), b = want.split('\n'), i = a.findIndex((line, i) => line !== b[i])
  return i < 0 ? `${a.length} lines, stored ${b.length}` : `line ${i + 1} is ${JSON.stringify(a[i].slice(0, 100))}, stored ${JSON.stringify((b[i] ?? '').slice(0, 100))}`
}

for (const name of all) {
  const stored = cells(join(notebooks, `${name}.ipynb`)), chapter = JSON.parse(gunzipSync(readFileSync(join(engine, index.chapters[name].name))))
  const context = await browser.newContext(), page = await context.newPage()
  page.setDefaultTimeout(Number(seconds) * 1000 + 120_000)
  page.on('pageerror', e => { bad++; console.log(`FAIL  ${name}: script: ${e.message}`) })
  await page.goto(`${server.address}${name}.html`)
  await page.waitForFunction(() => window.cells)
  const begun = Date.now()
  for (let i = 0; i < stored.length; i++) {
    if (chapter.why[i]) {
      note('not for a page', name, i + 1, chapter.why[i])
      continue
    }
    // A slider, which is stored as it is without a browser, works here until somebody is done with it.
    const slider = /widget\.Slider/.test(stored[i].source)
    const got = await page.evaluate(async ([i, limit, slider]) => {
      const cell = window.cells[i], done = slider && setInterval(() => [...cell.outputs.querySelectorAll('button')].find(b => b.textContent === 'done')?.click(), 500)
      const timer = setTimeout(() => cell.stop(), limit)
      const result = await cell.run()
      clearTimeout(timer)
      clearInterval(done)
      const outputs = cell.outputs
      return { ...result, files: undefined, stdout: [...outputs.querySelectorAll('pre.stream:not([data-shown]):not(.stderr)')].map(e => e.textContent).join(''),
        stderr: [...outputs.querySelectorAll('.stderr')].map(e => e.textContent).join(''),
        shown: [...outputs.querySelectorAll('[data-shown]')].map(e => e.className), failure: outputs.querySelector('.failure')?.textContent }
    }, [i, seconds * 1000, slider])
    const want = stored[i]
    if (got.stopped) note('stopped', name, i + 1, `takes more than ${seconds} s`)
    else if (got.failure || got.stderr) note('failed', name, i + 1, (got.failure ?? '') + got.stderr.slice(0, 300), true)
    else if (slider) note('a slider', name, i + 1, 'it works here, and is stored without a browser', !got.shown.includes('figure'))
    else if (got.shown.join() !== want.shown.join()) note('shows something else', name, i + 1, `${got.shown}, stored ${want.shown}`, true)
    else if (got.stdout === want.stdout) note('equal', name, i + 1)
    else if (want.fresh) note('new each time', name, i + 1, 'it is tagged so')
    else if (reasons[`${name} ${i + 1}`]) note('differs', name, i + 1, reasons[`${name} ${i + 1}`])
    else note('differs', name, i + 1, difference(got.stdout, want.stdout), true)
  }
  console.log(`${name}: ${stored.length} cells, ${Math.round((Date.now() - begun) / 1000)} s`)
  await context.close()
}
console.log(JSON.stringify(count))
writeFileSync(report, lines.join('\n') + '\n' + JSON.stringify(count) + '\n')
await browser.close()
server.close()
process.exitCode = bad ? 1 : 0
