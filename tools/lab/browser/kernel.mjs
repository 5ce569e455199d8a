// Tries the kernel's guard in a real browser, in JupyterLab or the classic Notebook: a cell without %%, a
// function whose newer version did not compile, and stop.
//
//   node kernel.mjs ADDRESS CHROMIUM
import { launch } from './launch.mjs'

const STEPS = [ // the cell's number, what it must show, and whether stop is pressed before
  [0, ['Write %% alone on a line above it']],
  [1, []],
  [2, ['undefined: y', 'Nothing with the name y is declared']],
  [3, ['f runs as cell [2] has it: its newer version in cell [3] did not compile.', 'value 1']],
  [4, ['stopped'], 1500],
  [5, ['still 1']],
]

const [address, executablePath] = process.argv.slice(2)
const browser = await launch(executablePath)
let failed = false
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 2000 } })
  page.setDefaultTimeout(60_000)
  await page.goto(address)
  const [name, cells] = await Promise.any([
    page.waitForSelector('#notebook-container .cell').then(() => ['Notebook', '#notebook-container .cell']),
    page.waitForSelector('.jp-Notebook .jp-Cell').then(() => ['JupyterLab', '.jp-Notebook .jp-Cell']),
  ])
  await page.waitForFunction(async () => (await (await fetch(document.baseURI.split(/\/(lab|notebooks)\b/)[0] + '/api/sessions')).json())
    .some(s => s.kernel?.connections > 0 && s.kernel.execution_state === 'idle'))
  for (const [i, wanted, stop] of STEPS) {
    const cell = page.locator(cells).nth(i)
    for (let tries = 10; tries > 0; tries--) { // while the page is being drawn it takes no keys
      await cell.locator('.cm-content, .CodeMirror-lines').first().click()
      await page.keyboard.press('Control+Enter') // which leaves the cell selected, in command mode
      if (await page.waitForFunction(({ cells, i }) => /\[(\*|\d+)\]/.test(document.querySelectorAll(cells)[i].innerText),
        { cells, i }, { timeout: 2000, polling: 50 }).then(() => true, () => false)) break
    }
    if (stop) {
      await page.waitForTimeout(stop)
      await page.keyboard.press('i')
      await page.keyboard.press('i')
    }
    const shown = await page.waitForFunction(({ cells, i, wanted }) => {
      const text = document.querySelectorAll(cells)[i].innerText
      return /\[\d+\]/.test(text) && wanted.every(w => text.includes(w))
    }, { cells, i, wanted }, { timeout: 30_000, polling: 100 }).then(() => true, () => false)
    if (!shown) {
      failed = true
      console.log(`FAIL  ${name}, cell ${i + 1}: ${wanted} is not in\n${await cell.innerText()}`)
    }
  }
  console.log(`${failed ? 'FAIL' : 'ok  '}  the kernel in ${name}`)
} finally {
  await browser.close()
}
process.exitCode = failed ? 1 : 0
