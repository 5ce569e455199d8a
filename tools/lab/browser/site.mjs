// Opens the static site from its files, as on a phone without a network, and uses it: no page is wider than the
// screen or asks for anything elsewhere, the search leads to what it finds, formulas and pictures are there, and
// the slider of a player changes the picture.
//
//   node site.mjs SITE NOTEBOOKS CHROMIUM SHOTS
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, offline: true }

// What is wrong with the page as it lies there.
async function faults(page) {
  return page.evaluate(async () => {
    const pictures = [...document.querySelectorAll('main img')]
    await Promise.all(pictures.filter(i => i.src).map(i => i.decode().catch(() => {})))
    const root = document.documentElement, wrong = []
    if (root.scrollWidth > screen.width) wrong.push(`is ${root.scrollWidth} pixels wide on a screen of ${screen.width}`)
    if (!document.querySelector('main h1')) wrong.push('has no title')
    for (const i of pictures) {
      if (i.src && !i.naturalWidth) wrong.push(`does not show a picture: ${i.alt}`)
      if (!i.alt && !i.closest('figure')?.querySelector('img[alt]:not([alt=""])')) wrong.push('has a picture without a text')
    }
    for (const a of document.querySelectorAll('a[href^="#"]')) {
      if (!document.getElementById(decodeURIComponent(a.hash.slice(1)))) wrong.push(`links to ${a.hash}, which is not there`)
    }
    return wrong
  })
}

async function search(page, words) {
  await page.fill('#search', words)
  const first = page.locator('#found a').first()
  const title = await first.textContent()
  await first.click()
  await page.waitForFunction(() => location.hash && document.querySelector(':target'))
  const { seen, text } = await page.evaluate(() => {
    const target = document.querySelector(':target'), { top } = target.getBoundingClientRect()
    return { seen: top >= 0 && top < innerHeight, text: target.textContent }
  })
  const wrong = []
  if (!seen) wrong.push(`the search for ${words} does not lead to what it found`)
  if (!text.startsWith(title)) wrong.push(`the search for ${words} found "${title}" and leads to "${text}"`)
  return wrong
}

async function formula(page) {
  const box = await page.locator('main .katex-html').first().boundingBox()
  const fonts = await page.evaluate(async () => {
    await document.fonts.ready
    return [...document.fonts].filter(f => f.family.startsWith('KaTeX') && f.status === 'loaded').length
  })
  return box?.width > 0 && box.height > 0 && fonts > 0 ? [] : ['formulas are not shown']
}

async function player(page, shots) {
  const figure = page.locator('figure[data-frames]').first(), slider = figure.locator('input[type=range]')
  await slider.scrollIntoViewIfNeeded()
  const label = () => figure.locator('output').textContent()
  const picture = () => figure.locator('div').first().screenshot()
  const before = { label: await label(), picture: await picture() }
  await slider.focus()
  await page.keyboard.press('End')
  await page.waitForFunction(([f, old]) => f.querySelector('output').textContent !== old, [await figure.elementHandle(), before.label],
    { timeout: 5000 }).catch(() => {})
  await page.waitForTimeout(200) // the layer is decoded
  const wrong = before.picture.equals(await picture()) ? ["a player's slider does not change its picture"] : []
  await page.screenshot({ path: join(shots, 'player.png') })
  return wrong
}

async function unfold(page) {
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
  return await page.locator('details:not([open])').count() ? ['what is folded is missing on paper'] : []
}

// How many of the notebooks have it.
function promised(folder, mark) {
  return readdirSync(folder).filter(f => f.endsWith('.ipynb') && readFileSync(join(folder, f), 'utf8').includes(mark)).length
}

const [site, notebooks, executablePath, shots] = process.argv.slice(2)
mkdirSync(shots, { recursive: true })
const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
let bad = 0
const seen = { formulas: 0, players: 0, folded: 0 }
const want = { formulas: 1, players: promised(notebooks, 'data-frames'), folded: promised(notebooks, '<details>') }
try {
  const page = await (await browser.newContext(PHONE)).newPage()
  page.setDefaultTimeout(10_000)
  const wrong = []
  page.on('pageerror', e => wrong.push(`script: ${e.message}`))
  page.on('request', r => { if (!/^(file|data):/.test(r.url())) wrong.push(`asks for ${r.url()}`) })
  page.on('requestfailed', r => wrong.push(`does not find ${r.url().slice(0, 200)}`))
  for (const name of readdirSync(site).filter(f => f.endsWith('.html'))) {
    const has = async selector => await page.locator(selector).count() > 0
    try {
      await page.goto(pathToFileURL(join(site, name)).href)
      wrong.push(...await faults(page))
      if (await has('.katex') && ++seen.formulas) wrong.push(...await formula(page))
      if (await has('figure[data-frames]') && ++seen.players) wrong.push(...await player(page, shots))
      if (await has('details') && ++seen.folded) wrong.push(...await unfold(page))
      if (name === 'index.html') wrong.push(...await search(page, 'bias correction'))
      if (name === 'playground.html' && !/make serve-site/.test(await page.textContent('#status'))) wrong.push('does not say how to serve it')
    } catch (e) {
      wrong.push(`cannot be used: ${e.message}`)
    }
    console.log(`${wrong.length ? 'FAIL' : 'ok  '}  ${name}`)
    wrong.splice(0).forEach(w => { bad++; console.log(`  ${name} ${w}`) })
  }
} finally {
  await browser.close()
}
for (const what in want) {
  if (seen[what] < want[what] && ++bad) console.log(`FAIL  ${seen[what]} pages have ${what}, want ${want[what]}`)
}
process.exitCode = bad ? 1 : 0
