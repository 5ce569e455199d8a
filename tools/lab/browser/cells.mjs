// Runs all cells of notebooks in a page and compares what they print with what is stored: which run and are equal, which differ
// and why, and which are not for a page and why. A cell that differs without a reason is a fault.
//
//   node cells.mjs ENGINE NOTEBOOKS BROWSER RESULTS SECONDS all|SLOW [NAME…]     (cells that take longer than SECONDS are stopped)
//
// RESULTS is a folder, which has for each notebook what came of it. report.mjs writes them into docs/page.md, and the cells that
// took five seconds or more into SLOW: with that file's name they are left out, unless quick ones need what they write. There are
// as many chapters at a time as cores.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { isFirefox, launch } from './launch.mjs'
import { cells, fingerprint, serve } from './notebookpage.mjs'

const [engine, notebooks, executablePath, results, seconds, which, ...names] = process.argv.slice(2)
const index = JSON.parse(readFileSync(join(engine, 'index.json')))
const all = readdirSync(notebooks).filter(f => f.endsWith('.ipynb')).map(f => f.slice(0, -6)).filter(n => names.length ? names.includes(n) : index.chapters[n])
for (const n of names) if (!existsSync(join(notebooks, `${n}.ipynb`)) || !index.chapters[n]) throw new Error(`there is no chapter ${n} in ${engine}`)
mkdirSync(results, { recursive: true })
const server = await serve(engine, notebooks)
const browser = await launch(executablePath)

// Cells that differ, by their number, and why.
const rounding = 'it measures errors of rounding, and wasm sums in another order than AVX'
const chaos = 'training at a rate that is too large: it grows the last bit of a rounding, and wasm sums in another order than AVX'
const reasons = {
  '09-faq 22': rounding,
  '01-background 9': chaos, '01-background 10': chaos, '04c-backpropagation 18': chaos, '06a2-convolutional-networks 10': chaos, '06a2-convolutional-networks 23': chaos,
}
// Those of the slow ones that run all the same: they train what quick cells read.
const trains = { '06a2-convolutional-networks': [16], '06b-object-detection': [14], '06b2-detection-quality': [3] }
const slow = which === 'all' ? {} : JSON.parse(readFileSync(which))
const count = {}
let bad = 0

// difference says where two texts begin to differ.
function difference(got, want) {
  const a = got.split('\n'), b = want.split('\n'), i = a.findIndex((line, i) => line !== b[i])
  return i < 0 ? `${a.length} lines, stored ${b.length}` : `line ${i + 1} is ${JSON.stringify(a[i].slice(0, 100))}, stored ${JSON.stringify((b[i] ?? '').slice(0, 100))}`
}

async function chapter(name) {
  const stored = cells(join(notebooks, `${name}.ipynb`)), built = JSON.parse(gunzipSync(readFileSync(join(engine, index.chapters[name].name))))
  const context = await browser.newContext(), page = await context.newPage(), noted = []
  const note = (kind, number, why, fault, ms) => {
    count[kind] = (count[kind] ?? 0) + 1
    if (fault) bad++
    if (kind !== 'equal' && kind !== 'slow') console.log(`${fault ? 'FAIL  ' : '      '}${name} In [${number}]: ${kind}${why ? `: ${why}` : ''}`)
    noted.push({ number, kind, why, fault, ms })
  }
  page.setDefaultTimeout(Number(seconds) * 1000 + 120_000)
  page.on('pageerror', e => { bad++; console.log(`FAIL  ${name}: script: ${e.message}`) })
  await page.goto(`${server.address}${name}.html`)
  await page.waitForFunction(() => window.cells)
  const begun = Date.now()
  for (let i = 0; i < stored.length; i++) {
    if (built.why[i]) {
      note('not for a page', i + 1, built.why[i])
      continue
    }
    if (slow[name]?.[i + 1] && !trains[name]?.includes(i + 1)) {
      note('slow', i + 1)
      continue
    }
    // A slider, which is stored as it is without a browser, works here until somebody is done with it.
    const slider = /widget\.Slider/.test(stored[i].source)
    const start = Date.now()
    const got = await page.evaluate(async ([i, limit, slider]) => {
      const cell = window.cells[i], done = slider && setInterval(() => [...cell.outputs.querySelectorAll('button')].find(b => b.textContent === 'done')?.click(), 500)
      const timer = setTimeout(() => cell.stop(), limit)
      const { stopped } = await cell.run()
      clearTimeout(timer)
      clearInterval(done)
      const outputs = cell.outputs
      return { stopped: Boolean(stopped), stdout: [...outputs.querySelectorAll('pre.stream:not([data-shown]):not(.stderr)')].map(e => e.textContent).join(''),
        stderr: [...outputs.querySelectorAll('.stderr')].map(e => e.textContent).join(''),
        shown: [...outputs.querySelectorAll('[data-shown]')].map(e => e.className), failure: outputs.querySelector('.failure')?.textContent ?? '' }
    }, [i, seconds * 1000, slider])
    const ms = Date.now() - start, want = stored[i], say = (kind, why, fault) => note(kind, i + 1, why, fault, ms)
    if (got.stopped) say('stopped', `it takes more than ${seconds} s`)
    else if (got.failure || got.stderr) say('failed', got.failure + got.stderr.slice(0, 300), true)
    else if (slider) say('a slider', 'it works here, and is stored without a browser', !got.shown.includes('figure'))
    else if (got.shown.join() !== want.shown.join()) say('shows something else', `${got.shown}, stored ${want.shown}`, true)
    else if (got.stdout === want.stdout) say('equal')
    else if (want.fresh) say('new each time', 'it prints times, or what depends on the machine')
    else if (reasons[`${name} ${i + 1}`]) say('differs', reasons[`${name} ${i + 1}`])
    else say('differs', difference(got.stdout, want.stdout), true)
  }
  console.log(`${name}: ${stored.length} cells, ${Math.round((Date.now() - begun) / 1000)} s`)
  await context.close()
  writeFileSync(join(results, `${name}.json`), JSON.stringify({ notebook: fingerprint(join(notebooks, `${name}.ipynb`)), browser: isFirefox(executablePath) ? 'Firefox' : 'Chromium', cells: noted }, null, 1))
}

const waiting = [...all]
await Promise.all(Array.from({ length: availableParallelism() }, async () => {
  while (waiting.length) await chapter(waiting.shift())
}))
console.log(JSON.stringify(count))
await browser.close()
server.close()
process.exitCode = bad ? 1 : 0
