// Uses the finished site, with its engine, as somebody who has read no instructions: a browser that has never been there, the
// site below a path, from the cover to a cell that was run, changed and run again. Then a stop, a reload, a phone, the licences.
//
//	node newcomer.mjs SITE CHECKOUT CHROMIUM SHOTS
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { check, faults, has, want } from './checks.mjs'

const [site, checkout, executablePath, shots] = process.argv.slice(2)
mkdirSync(shots, { recursive: true })
const server = spawn('node', [join(checkout, 'tools/site/serve.mjs'), site, '0', '/some/path/'], { stdio: ['ignore', 'pipe', 'inherit'] })
const address = await new Promise(resolve => server.stdout.on('data', d => resolve(/http:\S+/.exec(d)[0])))
const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update'] })
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
const text = lines => [].concat(lines).join('')
const at = stored.findIndex(c => c.outputs.length === 1 && c.outputs[0].name === 'stdout' && !c.metadata.jupyter?.source_hidden && !c.metadata.descent?.exercise)
const cell = (page, i = at) => page.locator('.cell').nth(i)
const button = (page, name, i) => cell(page, i).getByRole('button', { name })
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
  await cell(page).locator('textarea').focus()
  await rewrite(page, '%%\nfmt.Println(nothing)')
  await button(page, 'Run').click()
  await printed(page, `cell [${at + 1}], line 2: undefined: nothing`)
  await cell(page).locator('textarea').focus()
  await rewrite(page, '%%\nfmt.Println("on it goes")\nfor {\n}')
  await button(page, 'Run').click()
  await page.waitForFunction(i => document.querySelectorAll('.cell')[i].querySelector('.outputs').textContent.includes('on it goes'), at)
  await button(page, 'Stop').click()
  await printed(page, 'Stopped.')
})

await check('a reload keeps what was changed, and the compiler', async () => {
  await cell(page).locator('textarea').focus()
  await rewrite(page, '%%\nfmt.Println("kept", 1+1)')
  await page.reload()
  await button(page, /^Run$/).waitFor()
  has(await cell(page).locator('textarea').inputValue(), 'kept')
  await button(page, 'Run').click()
  await printed(page, 'kept 2\n')
  await button(page, 'Reset').click()
  await page.reload()
  await button(page, 'Edit').waitFor()
  want(await cell(page).locator('textarea').count() === 0, 'what was reset has come back')
})

await check('a folded cell opens for its editor, and what only Jupyter can run has no button', async () => {
  const folded = stored.findIndex(c => c.metadata.jupyter?.source_hidden)
  await button(page, 'Edit', folded).click()
  want(await cell(page, folded).locator('textarea').isVisible(), 'the editor cannot be seen')
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
  want(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone')
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
server.kill()
