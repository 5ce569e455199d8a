// Logs in as a person does, with a wrong password and then with the right one, and runs the first notebook up to its
// first chart. Nothing of the pages may be missing, and nothing is asked of another host.
//
//   node login.mjs ADDRESS CHROMIUM SHOTS PASSWORD [NAME]      NAME for a hub
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const [address, executablePath, shots, password, name] = process.argv.slice(2)
mkdirSync(shots, { recursive: true })
const profile = mkdtempSync(join(shots, 'profile-'))
const browser = await chromium.launchPersistentContext(profile, {
  executablePath, headless: true, viewport: { width: 1280, height: 1000 }, args: ['--no-sandbox', '--disable-gpu'],
})
const missing = []
try {
  const page = await browser.newPage()
  page.setDefaultTimeout(90_000)
  const host = new URL(address).host
  page.on('response', r => { if (r.status() >= 400 && new URL(r.url()).pathname.includes('/static/')) missing.push(r.url()) })
  page.on('request', r => { if (/^(http|ws)/.test(r.url()) && new URL(r.url()).host !== host) missing.push(r.url()) })
  await page.goto(address)
  for (const word of [password + '?', password]) {
    if (name) await page.fill('input[name=username]', name)
    await page.fill('input[name=password]', word)
    await page.screenshot({ path: join(shots, `login${name ? '-hub' : ''}.png`) })
    await page.locator('button[type=submit], input[type=submit]').first().click()
    if (word !== password) await page.getByText(/Invalid (credentials|username or password)/).waitFor()
  }
  await page.getByText('Go (gonb) | Idle').waitFor()
  console.log('ok    logged in, and refused with another password')
  const cell = text => page.locator('.jp-Notebook .jp-CodeCell').filter({ has: page.locator('.cm-content', { hasText: text }) }).first()
  await cell('datasets.Article(1)').locator('.cm-content').click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(`import "github.com/descent-go/descent/plots"
%%
fmt.Println("drawn", "now")
plots.Show(plots.Lines("Logged in", "x", "y", plots.Series{Y: []float64{0, 1}}), "A line.")`)
  await page.keyboard.press('Shift+Enter')
  await cell('Logged in').locator('.jp-OutputArea-output', { hasText: 'drawn now' }).waitFor()
  await cell('Logged in').locator('.jp-OutputArea-output img').waitFor()
  await page.screenshot({ path: join(shots, `chart${name ? '-hub' : ''}.png`) })
  console.log('ok    a chart appeared')
} catch (e) {
  for (const page of browser.pages()) await page.screenshot({ path: join(shots, 'failed.png') })
  throw e
} finally {
  await browser.close()
  rmSync(profile, { recursive: true, force: true })
}
missing.forEach(url => console.log('FAIL  missing, or elsewhere: ' + url))
process.exitCode = missing.length ? 1 : 0
