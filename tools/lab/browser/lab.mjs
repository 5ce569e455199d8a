// Opens notebooks in a real browser, runs all their cells through the interface, and checks what a
// learner sees: every cell has run, every chart is there, nothing has failed.
//
//   node lab.mjs ADDRESS CHROMIUM SHOTS NOTEBOOK…
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { chromium } from 'playwright-core'
import { FLAGS } from './launch.mjs'

const PATIENCE = 10 * 60_000 // ms for all the cells of one notebook

// The classic Notebook 6.
const classic = {
  ready: page => page.waitForFunction(() => window.Jupyter?.notebook?.kernel?.is_connected()),
  async runAll(page) {
    await page.click('#kernellink')
    await page.click('#restart_run_all')
    await page.click('.modal-footer .btn-danger')
  },
  async clear(page) {
    await page.click('#celllink')
    await page.hover('#all_outputs')
    await page.click('#clear_all_output')
  },
  find: {
    outputs: '.output_subarea',
    images: '.output_subarea img',
    failures: '.output_error, .output_stderr',
    prompts: '.code_cell .input_prompt',
  },
}

// JupyterLab and Notebook 7, which are built from the same parts.
const lab = {
  async ready(page) {
    await page.waitForSelector('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status=idle]')
    // The indicator says so before there is a kernel, too.
    await page.waitForFunction(async () => (await (await fetch('/api/sessions')).json()).some(s => s.kernel?.connections > 0))
  },
  async runAll(page) {
    await page.click('.lm-MenuBar-item:has-text("Kernel")')
    await page.click('.lm-Menu-item[data-command="runmenu:restart-and-run-all"]')
    await page.click('.jp-Dialog .jp-mod-accept')
  },
  async clear(page) {
    await page.click('.lm-MenuBar-item:has-text("Edit")')
    await page.click('.lm-Menu-item[data-command="editmenu:clear-all"]')
  },
  find: {
    outputs: '.jp-OutputArea-output',
    images: '.jp-OutputArea-output img',
    failures: '.jp-OutputArea-output[data-mime-type$=".stderr"], .jp-OutputArea-output[data-mime-type$=".error"]',
    prompts: '.jp-CodeCell .jp-InputPrompt',
  },
}

// What the committed notebook promises. (JupyterLab shows no number at a cell that is folded away.)
function promised(path) {
  const code = JSON.parse(readFileSync(path, 'utf8')).cells.filter(c => c.cell_type === 'code')
  const images = code.flatMap(c => c.outputs).flatMap(o => Object.keys(o.data ?? {})).filter(m => m.startsWith('image/'))
  return { cells: code.filter(c => c.source.join('').trim() && !c.metadata.jupyter?.source_hidden).length, images: images.length }
}

async function visit(browser, address, path, shots) {
  const want = promised(path)
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, deviceScaleFactor: 1 })
  page.setDefaultTimeout(60_000)
  // Look, do not touch: the interface must not save over the checkout. (JupyterLab closes a notebook
  // for which it can make no checkpoint, a POST.)
  await page.route('**/api/contents/**', route => ['GET', 'POST'].includes(route.request().method()) ? route.continue() : route.abort())
  const { origin, searchParams } = new URL(address)
  // A workspace of its own, else JupyterLab also opens what was open before.
  const own = `lab/workspaces/${basename(path, '.ipynb')}/tree`
  const view = new URL(address).pathname.startsWith('/lab') ? own : 'notebooks'
  await page.goto(`${origin}/${view}/${path}?token=${searchParams.get('token')}`)
  const ui = await Promise.any([
    page.waitForSelector('#notebook-container .cell').then(() => classic),
    page.waitForSelector('.jp-Notebook .jp-Cell').then(() => lab),
  ])
  await ui.ready(page)

  // Neither an output nor a number that was saved may pass for one of this run.
  const clean = () => page.waitForFunction(({ outputs, prompts }) => document.querySelectorAll(outputs).length === 0 &&
    ![...document.querySelectorAll(prompts)].some(p => /\d/.test(p.textContent)), ui.find, { timeout: 10_000 })
  for (let tries = 5; ; tries--) {
    await ui.clear(page) // which does nothing while the notebook is still being drawn
    if (await clean().then(() => true, () => false)) break
    if (tries === 0) throw new Error(`${path}: the saved outputs do not go away`)
  }
  await ui.runAll(page)
  const start = Date.now()
  await page.waitForFunction(({ prompts, cells }) =>
    [...document.querySelectorAll(prompts)].filter(p => /\[\d+\]/.test(p.textContent)).length >= cells,
  { prompts: ui.find.prompts, cells: want.cells }, { timeout: PATIENCE, polling: 200 }).catch(() => {})
  const seconds = (Date.now() - start) / 1000

  const seen = await page.evaluate(async ({ prompts, images, failures }) => {
    const all = [...document.querySelectorAll(images)]
    await Promise.all(all.map(i => i.decode().catch(() => {})))
    return {
      cells: [...document.querySelectorAll(prompts)].filter(p => /\[\d+\]/.test(p.textContent)).length,
      images: all.filter(i => i.naturalWidth > 0 && i.naturalHeight > 0).length,
      failures: [...document.querySelectorAll(failures)].map(f => f.textContent.trim()),
    }
  }, ui.find)
  await page.setViewportSize({ width: 1280, height: 6000 })
  await page.screenshot({ path: join(shots, basename(path, '.ipynb') + '.png') })
  await page.close({ runBeforeUnload: false })

  const problems = seen.failures.map(f => `a cell failed: ${f}`)
  if (seen.cells < want.cells) problems.push(`${seen.cells} of ${want.cells} cells ran to their end`)
  if (seen.images < want.images) problems.push(`${seen.images} of ${want.images} charts appeared`)
  console.log(`${problems.length ? 'FAIL' : 'ok  '}  ${path}: ${seen.cells} cells in ${seconds.toFixed(1)} s, ${seen.images} charts`)
  problems.forEach(p => console.log('  ' + p))
  return { ok: problems.length === 0, images: seen.images }
}

const [address, executablePath, shots, ...paths] = process.argv.slice(2)
mkdirSync(shots, { recursive: true })
const profile = mkdtempSync(join(shots, 'profile-'))
const browser = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS })
let results
try {
  results = []
  for (const path of paths) results.push(await visit(browser, address, path, shots))
} finally {
  await browser.close()
  rmSync(profile, { recursive: true, force: true })
}
if (results.every(r => r.images === 0)) console.log('FAIL  no chart appeared in any notebook')
process.exitCode = results.every(r => r.ok) && results.some(r => r.images > 0) ? 0 : 1
