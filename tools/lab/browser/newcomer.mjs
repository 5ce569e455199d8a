// Uses the finished site, with its engine, as somebody who has read no instructions: a browser that has never been there, the
// site below a path, from the cover to a cell that was run, changed and run again. Then a stop, a reload, a phone, the licences.
//
//	node newcomer.mjs SITE CHECKOUT CHROMIUM SHOTS [ADDRESS]    (where SITE is served, if this is not to do it)
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch } from './launch.mjs'
import { check, faults, has, want } from './checks.mjs'

const [site, checkout, executablePath, shots, served] = process.argv.slice(2)
mkdirSync(shots, { recursive: true })
const server = served ? undefined : spawn('node', [join(checkout, 'tools/site/serve.mjs'), site, '0', '/some/path/'], { stdio: ['ignore', 'pipe', 'inherit'] })
const address = served ?? await new Promise(resolve => server.stdout.on('data', d => resolve(/http:\S+/.exec(d)[0])))
const browser = await launch(executablePath)
const CHAPTER = '04-linear-and-logistic-regression', PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
const WAIT = 180_000 // on a machine that does much else

async function visitor(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options }), page = await context.newPage()
  page.setDefaultTimeout(WAIT)
  page.on('pageerror', e => faults.push(`${page.url()}: script: ${e.message}`))
  page.on('request', r => { if (!r.url().startsWith(address) && !/^(data|blob):/.test(r.url())) faults.push(`${page.url()} asks for ${r.url()}`) })
  page.on('response', r => { if (r.status() >= 400) faults.push(`${r.status()} for ${r.url()}`) })
  return page
}

// What there is for a reader: cells that can be run, and the first that prints and stands open.
const stored = JSON.parse(readFileSync(join(checkout, 'notebooks', `${CHAPTER}.ipynb`), 'utf8')).cells.filter(c => c.cell_type === 'code')
const axe = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'))
const text = lines => [].concat(lines).join('')
const at = stored.findIndex(c => c.outputs.length === 1 && c.outputs[0].name === 'stdout' && !c.metadata.jupyter?.source_hidden && !c.metadata.descent?.exercise)
const cell = (page, i = at) => page.locator('.cell').nth(i)
const button = (page, name, i) => cell(page, i).getByRole('button', { name })
const field = (page, i) => cell(page, i).getByRole('textbox') // a text field, and the editor in its place when it has come
const rich = (page, i) => cell(page, i).locator('.cm-editor').waitFor()
const printed = (page, part, i = at) => page.waitForFunction(([i, part]) => {
  const cell = document.querySelectorAll('.cell')[i]
  return !cell.hasAttribute('data-busy') && cell.querySelector('.outputs').textContent.includes(part)
}, [i, part])
const rewrite = async (page, code) => {
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(code)
}

const page = await visitor()
await check('a cold browser: from the cover to a cell that was run, changed and run again, in three clicks and a key', async () => {
  let clicks = 0
  const click = async what => {
    clicks++
    await what.click()
  }
  await page.goto(address)
  await click(page.locator(`a.card[href="${CHAPTER}.html"]`))
  await page.waitForURL(`**/${CHAPTER}.html`)
  await button(page, 'Run').waitFor()
  await cell(page).locator('.outputs').evaluate(e => e.replaceChildren('nothing yet')) // what comes now is the cell's
  await click(button(page, 'Run'))
  await printed(page, text(stored[at].outputs[0].text))
  await click(button(page, 'Edit'))
  await rewrite(page, '%%\nfmt.Println("changed by me", 6*7)')
  await button(page, /^Run: fetches the compiler, \d+ MB, once$/).waitFor()
  await page.keyboard.press('Shift+Enter')
  await printed(page, 'changed by me 42\n')
  await button(page, /^Run$/).waitFor()
  want(clicks <= 3, `${clicks} clicks`)
  await page.screenshot({ path: join(shots, 'newcomer.png') })
})

await check('a mistake has its line, and a loop is stopped', async () => {
  await field(page).focus()
  await rewrite(page, '%%\nfmt.Println(nothing)')
  await button(page, 'Run').click()
  await printed(page, `cell [${at + 1}], line 2: undefined: nothing`)
  await field(page).focus()
  await rewrite(page, '%%\nfmt.Println("on it goes")\nfor {\n}')
  await button(page, 'Run').click()
  await page.waitForFunction(i => document.querySelectorAll('.cell')[i].querySelector('.outputs').textContent.includes('on it goes'), at)
  await button(page, 'Stop').click()
  await printed(page, 'Stopped.')
})

await check('the editor: asked for by a click, it colours, indents, undoes, matches brackets, and shows what is wrong at its line', async () => {
  const reader = await visitor(), asked = [], content = () => field(reader).evaluate(e => [...e.querySelectorAll('.cm-line')].map(l => l.textContent).join('\n'))
  reader.on('request', r => { if (/\/editor\.[\w-]+\.js$/.test(r.url())) asked.push(r.url()) })
  await reader.goto(`${address}${CHAPTER}.html`)
  await button(reader, 'Edit').waitFor()
  await reader.waitForLoadState('networkidle')
  want(asked.length === 0, `the page asks for ${asked} before somebody edits`)
  await button(reader, 'Edit').click()
  await reader.keyboard.press('Control+A')
  await rich(reader)
  want(asked.length === 1, `the editor is asked for ${asked.length} times`)
  want(await cell(reader).locator('textarea').count() === 0, 'the text field is still there')
  await reader.keyboard.insertText('%%') // in the place of what was selected before the editor had come
  for (const line of ['', 'for i := range 3 {', 'fmt.Println(i, "é") // 数']) {
    if (line) await reader.keyboard.type(line)
    await reader.keyboard.press('Enter')
  }
  await reader.keyboard.type('}') // which goes back to the column of its line
  want(await content() === '%%\nfor i := range 3 {\n\tfmt.Println(i, "é") // 数\n}', `it holds ${JSON.stringify(await content())}`)
  want(await cell(reader).locator('.cm-matchingBracket').count() === 2, 'the bracket is not matched')
  for (const [kind, part] of [['k', 'for'], ['s', '"é"'], ['n', '3'], ['c', '// 数']]) {
    const piece = cell(reader).locator(`.cm-line .${kind}`).filter({ hasText: part }).first(), colour = e => getComputedStyle(e).color
    want(await piece.textContent() === part && await piece.evaluate(colour) !== await cell(reader).locator('.cm-content').evaluate(colour), `${part} has no colour`)
  }
  has(await cell(reader).locator('.cm-lineNumbers').textContent(), '4')
  const before = await content()
  await reader.keyboard.press('Tab')
  want(await content() === `${before}\t`, 'Tab does not indent')
  await reader.keyboard.press('Control+Z')
  want(await content() === before, 'Control+Z does not undo')
  await rewrite(reader, '%%\nfmt.Println(1)\nfmt.Println(nothing)')
  await reader.keyboard.press('Control+Enter')
  await printed(reader, `cell [${at + 1}], line 3: undefined: nothing`)
  const lines = cell(reader).locator('.cm-content > *')
  want((await lines.allTextContents()).join('|') === '%%|fmt.Println(1)|fmt.Println(nothing)|undefined: nothing', `the mistake stands so: ${await lines.allTextContents()}`)
  for (const colorScheme of ['light', 'dark']) {
    await reader.emulateMedia({ colorScheme })
    await reader.addScriptTag({ path: axe })
    for (const v of await reader.evaluate(async () => (await window.axe.run('.cell:has(.cm-editor)', { resultTypes: ['violations'] })).violations)) {
      want(false, `${colorScheme}: ${v.id}: ${v.help}: ${v.nodes.map(n => `${n.target}: ${n.any.concat(n.all, n.none).map(c => c.message)}`).slice(0, 3).join('; ')}`)
    }
    await cell(reader).screenshot({ path: join(shots, `editor-${colorScheme}.png`) })
  }
  await field(reader).focus()
  await reader.keyboard.press('Control+End')
  await reader.keyboard.type(' // mended')
  want(await cell(reader).locator('.cm-mistake').count() === 0, 'the mistake stands at a line that was changed')
  await reader.keyboard.press('Escape')
  await reader.keyboard.press('Tab')
  want(await field(reader).evaluate(e => e !== document.activeElement), 'Escape and Tab do not leave the editor')
  has(await content(), '// mended')
  await reader.context().close()
})

await check('a reload keeps what was changed, and the compiler', async () => {
  await field(page).focus()
  await rewrite(page, '%%\nfmt.Println("kept", 1+1)')
  await page.reload()
  await button(page, /^Run$/).waitFor()
  await rich(page)
  has(await field(page).textContent(), 'kept')
  await button(page, 'Run').click()
  await printed(page, 'kept 2\n')
  // Offline the service worker has the editor, and the browser the compiler.
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.waitForFunction(async () => Boolean(await caches.match(performance.getEntriesByType('resource').map(r => r.name).find(name => /\/editor\./.test(name)))))
  await page.context().setOffline(true)
  await page.reload()
  await rich(page)
  await button(page, 'Run').click()
  await printed(page, 'kept 2\n')
  await page.context().setOffline(false)
  await button(page, 'Reset').click()
  await page.reload()
  await button(page, 'Edit').waitFor()
  want(await field(page).count() === 0, 'what was reset has come back')
})

await check('a folded cell opens for its editor, and what only Jupyter can run has no button', async () => {
  const folded = stored.findIndex(c => c.metadata.jupyter?.source_hidden)
  await button(page, 'Edit', folded).click()
  want(await field(page, folded).isVisible(), 'the editor cannot be seen')
  await button(page, 'Reset', folded).click()
  const list = JSON.parse(readFileSync(join(site, 'engine/not-here.json'), 'utf8')), [name, cells] = Object.entries(list).find(([, cells]) => Object.keys(cells).length)
  await page.goto(`${address}${name}.html`)
  await page.locator('.cell .tools button').first().waitFor()
  const here = await page.evaluate(() => [...document.querySelectorAll('.cell')].map((c, i) => [i + 1, c.querySelectorAll('.tools button').length > 0, 'notHere' in c.dataset, c.querySelector('.not-here')?.textContent ?? '']))
  for (const [number, buttons, marked, sentence] of here) {
    const why = cells[number]
    want(buttons === !why && marked === !!why && (!why || sentence.includes(why)), `${name} In [${number}]: ${buttons ? 'has' : 'has no'} buttons and says ${JSON.stringify(sentence)}; the list has ${JSON.stringify(why)}`)
  }
})

await check('a phone has Run, and it runs', async () => {
  const phone = await visitor(PHONE)
  await phone.goto(`${address}${CHAPTER}.html`)
  await button(phone, 'Run').scrollIntoViewIfNeeded()
  const box = await button(phone, 'Run').boundingBox()
  want(box.x >= 0 && box.x + box.width <= 390 && box.height >= 32, `Run is at ${JSON.stringify(box)}`)
  await cell(phone).locator('.outputs').evaluate(e => e.replaceChildren('nothing yet'))
  await button(phone, 'Run').tap()
  await printed(phone, text(stored[at].outputs[0].text))
  await button(phone, 'Edit').tap()
  await rich(phone)
  await phone.keyboard.press('Control+Home')
  await phone.keyboard.type('// a comment that is longer than any phone is wide, so that the line must be broken to be read as a whole ')
  want(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone')
  want(await cell(phone).locator('.cm-scroller').evaluate(e => e.scrollWidth <= e.clientWidth), 'the editor scrolls sideways')
  await field(phone).scrollIntoViewIfNeeded()
  await phone.screenshot({ path: join(shots, 'newcomer-phone.png') })
  await phone.context().close()
})

await check('the licences of what runs are on their page', async () => {
  await page.goto(`${address}licences.html`)
  const says = await page.locator('main').textContent(), modules = readFileSync(join(site, 'engine/modules.txt'), 'utf8').trim().split('\n')
  has(says, 'What runs and compiles cells')
  for (const m of modules) has(says.replace(/\s+/g, ' '), m.split(' ')[0])
  for (const part of readFileSync(join(site, 'engine/licences.txt'), 'utf8').matchAll(/^== .* ==$/gm)) has(says, part[0])
})

await browser.close()
server?.kill()
