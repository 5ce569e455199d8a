// Does in a real browser what a learner does: gives a wrong answer and then a right one to the first exercise, and
// sees both replies and the progress; starts a training that would not end, presses stop, and sees what it has learned;
// moves a slider whose chart the kernel draws.
//
//   node learner.mjs ADDRESS CHROMIUM SHOTS
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { FLAGS } from './launch.mjs'

const NOTEBOOK = 'notebooks/00-start-here.ipynb'

// The classic Notebook 6, and JupyterLab with Notebook 7.
const classic = {
  cell: '#notebook-container .code_cell',
  editor: '.CodeMirror',
  output: '.output_area',
  stop: 'button[data-jupyter-action="jupyter-notebook:interrupt-kernel"]',
  ready: page => page.waitForFunction(() => window.Jupyter?.notebook?.kernel?.is_connected()),
}
const lab = {
  cell: '.jp-Notebook .jp-CodeCell',
  editor: '.cm-content',
  output: '.jp-OutputArea-output',
  stop: '[data-command="notebook:interrupt-kernel"]',
  async ready(page) {
    await page.waitForSelector('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status=idle]')
    // The indicator says so before there is a kernel, too.
    await page.waitForFunction(async () => (await (await fetch('/api/sessions')).json()).some(s => s.kernel?.connections > 0))
  },
}

const [address, executablePath, shots] = process.argv.slice(2)
mkdirSync(shots, { recursive: true })
const profile = mkdtempSync(join(shots, 'profile-'))
const browser = await chromium.launchPersistentContext(profile, {
  executablePath, headless: true, viewport: { width: 1280, height: 1000 }, args: FLAGS,
})
try {
  await learn(await browser.newPage())
} finally {
  await browser.close()
  rmSync(profile, { recursive: true, force: true })
}

async function learn(page) {
  page.setDefaultTimeout(60_000)
  // The interface must not save over the checkout. (The POST is a checkpoint, without which JupyterLab closes a notebook.)
  await page.route('**/api/contents/**', route => ['GET', 'POST'].includes(route.request().method()) ? route.continue() : route.abort())
  const { origin, pathname, searchParams } = new URL(address)
  const view = pathname.startsWith('/lab') ? 'lab/tree' : 'notebooks'
  await page.goto(`${origin}/${view}/${NOTEBOOK}?token=${searchParams.get('token')}`)
  const ui = await Promise.any([classic, lab].map(ui => page.waitForSelector(ui.cell).then(() => ui)))
  await ui.ready(page)

  const cell = text => page.locator(ui.cell).filter({ has: page.locator(ui.editor, { hasText: text }) }).first()
  const focus = async text => {
    await cell(text).locator(ui.editor).click()
    await page.keyboard.press('ControlOrMeta+A')
  }
  const run = async text => {
    await focus(text)
    await page.keyboard.press('Shift+Enter')
  }
  const write = async (text, code) => {
    await focus(text)
    await page.keyboard.insertText(code)
    await page.keyboard.press('Shift+Enter')
  }
  const sees = async (text, reply) => {
    await cell(text).locator(ui.output, { hasText: reply }).first().waitFor()
    console.log(`ok    ${reply}`)
  }

  // The cell with the imports is folded away: they go with the cell that needs them first.
  const source = readFileSync(NOTEBOOK, 'utf8')
  const texts = JSON.parse(source).cells.filter(c => c.cell_type === 'code').map(c => c.source.join(''))
  const first = texts.find(t => t.includes('datasets.Article(1)'))
  await write('datasets.Article(1)', texts.find(t => t.startsWith('import')) + '\n' + first)
  await sees('datasets.Article(1)', 'w₁ =')
  const mean = result => `func mean(v []float64) float64 { s := 0.0; for _, x := range v { s += x }; return ${result} }
%%
check.Mean(mean)`
  await write('check.Mean(mean)', mean('s'))
  await sees('check.Mean(mean)', 'That is the sum')
  await write('check.Mean(mean)', mean('s / float64(len(v))'))
  await sees('check.Mean(mean)', 'Mean: right.')
  await run('check.Progress()')
  await sees('check.Progress()', '1 of  3 right')

  await write('datasets.Article(1)', `%%
data, m := datasets.Article(1), model.NewLinear(2, 1)
fmt.Println("training")
history, err := train.Fit(train.Interruptible(), m, data.X, data.Y, train.Options{
	Loss: loss.MSE{}, Schedule: optim.Constant(0.1), Epochs: 1 << 40,
})
fmt.Println(history.Status, len(history.Records) > 0, err)`)
  await sees('1 << 40', 'training')
  await page.locator(ui.stop).first().click()
  await sees('1 << 40', 'interrupted true <nil>')

  await write('1 << 40', `import "github.com/descent-go/descent/plots"
import "github.com/descent-go/descent/plots/widget"
%%
widget.Slider("slope", -1, 1, 0.5, func(v float64) *plots.Chart {
	fmt.Println("drawn for", v)
	return plots.Lines("A line", "x", "y", plots.Series{Y: []float64{0, v}})
}, "A straight line.")`)
  const slider = cell('widget.Slider').locator('input[type=range]')
  const chart = cell('widget.Slider').locator('img')
  await slider.waitFor()
  const before = await chart.getAttribute('src')
  await slider.fill('-0.7')
  await sees('widget.Slider', 'drawn for -0.7')
  for (let i = 0; await chart.getAttribute('src') === before; i++) { // the interface puts a new element in its place
    if (i === 100) throw new Error('the chart does not follow the slider')
    await page.waitForTimeout(100)
  }
  console.log('ok    the chart follows the slider')
  await cell('widget.Slider').locator('button', { hasText: 'done' }).click()
  await sees('widget.Slider', 'The slider is gone')
  await page.screenshot({ path: join(shots, 'learner.png') })
}
