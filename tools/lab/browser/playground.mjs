// Uses the playground as a reader does, and tries to break it: what it computes is what the library computes without a
// browser, to the bit; addresses of all versions open; keys, drags and a hundred random sequences of clicks leave no error;
// nothing is asked for elsewhere; no page is wider than its screen; a drawing takes at most 8 ms of the main thread.
//
//	node playground.mjs ADDRESS CHECKOUT CHROMIUM SHOTS
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const [address, checkout, executablePath, shots] = process.argv.slice(2)
const addresses = readFileSync(join(checkout, 'course/playground/page/addresses.txt'), 'utf8').split('\n').filter(l => l.startsWith('#'))
mkdirSync(shots, { recursive: true })
const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
let bad = 0
const faults = []

async function open(hash, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', e => faults.push(`script: ${e.message}`))
  page.on('request', r => { if (!r.url().startsWith(address) && !r.url().startsWith('data:')) faults.push(`asks for ${r.url()}`) })
  await page.goto(`${address}playground.html${hash}`)
  await page.waitForFunction(() => document.body.dataset.ready)
  return page
}

async function check(name, f) {
  try {
    await f()
  } catch (e) {
    faults.push(e.message)
  }
  console.log(`${faults.length ? 'FAIL' : 'ok  '}  ${name}`)
  for (const fault of faults.splice(0)) {
    bad++
    console.log(`  ${fault}`)
  }
}

const want = (ok, what) => { if (!ok) faults.push(what) }

// What a call answers in the page's worker.
const ask = (page, call, arg) => page.evaluate(([call, arg]) => new Promise((resolve, reject) => {
  const worker = new Worker('worker.js')
  worker.onmessage = ({ data }) => { worker.terminate(); data.fatal ? reject(new Error(data.fatal)) : resolve(JSON.stringify(data.reply)) }
  worker.postMessage({ id: 1, call, arg })
}), [call, arg])

function native(call, arg) {
  const run = spawnSync('go', ['run', './course/playground/answer'], { cwd: checkout, input: `${call} ${JSON.stringify(arg)}\n`, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(run.stderr)
  return JSON.stringify(JSON.parse(run.stdout))
}

await check('what it computes is what the library computes', async () => {
  const page = await open('')
  const about = JSON.parse(await ask(page, 'about', null))
  for (const s of about.surfaces) {
    const arg = { surface: s.name, start: s.start, steps: 150, optimizers: about.methods.filter(m => m.walks).map(m => m.name), rate: s.rate, adaptive: 0.05,
      momentum: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01, clip: 0, schedule: 'cosine', noise: s.noise, seed: 3 }
    const here = JSON.parse(await ask(page, 'descend', arg)), there = JSON.parse(native('descend', arg))
    there.forEach((run, k) => {
      const far = run.path.reduce((m, v, i) => Math.max(m, Math.abs(v - here[k].path[i]) / Math.max(1, Math.abs(v))), 0)
      want(here[k].path.length === run.path.length && far <= 1e-12, `${run.method} on ${s.name}: ${here[k].path.length} numbers, ${run.path.length} without a browser, ${far} apart`)
    })
  }
  await page.context().close()
})

await check('three sizes, light and dark', async () => {
  for (const width of [390, 1280, 1920]) {
    for (const colorScheme of ['light', 'dark']) {
      for (const view of ['surface', 'network']) {
        const page = await open(`#v=1&view=${view}`, { viewport: { width, height: 900 }, colorScheme, ...(width === 390 && { isMobile: true, hasTouch: true }) })
        if (view === 'network') await page.click('#train')
        await page.waitForTimeout(1500)
        const wide = await page.evaluate(() => document.documentElement.scrollWidth)
        want(wide <= width, `is ${wide} pixels wide on a screen of ${width}`)
        await page.screenshot({ path: join(shots, `playground-${view}-${width}-${colorScheme}.png`), fullPage: true })
        await page.context().close()
      }
    }
  }
})

await check('addresses of all versions open', async () => {
  const page = await open('')
  for (const line of addresses) {
    const [hash, selector, value] = line.split('\t')
    await page.goto(`${address}playground.html${hash}`)
    await page.reload()
    await page.waitForFunction(() => document.body.dataset.ready)
    const got = await page.evaluate(s => { const e = document.querySelector(s); return e.type === 'checkbox' ? String(e.checked) : e.value ?? e.textContent }, selector)
    want(got === value, `${hash} shows ${selector} as ${got}, want ${value}`)
  }
  await page.context().close()
})

await check('make it diverge, and mend it', async () => {
  const page = await open('#v=1&surface=valley&opt=gd&at=200')
  await page.locator('#surface-form [name=rate]').focus()
  for (let i = 0; i < 30 && !await page.locator('.bad').count(); i++) {
    await page.evaluate(() => { const r = document.querySelector('#surface-form [name=rate]'); r.value = Number(r.value) + 20; r.dispatchEvent(new Event('input', { bubbles: true })) })
    await page.waitForTimeout(60)
  }
  want(/diverged/.test(await page.textContent('#why')), 'a large rate does not diverge in words')
  want(/above 2\/λmax/.test(await page.textContent('#why')), 'it does not say why')
  await page.evaluate(() => { const r = document.querySelector('#surface-form [name=rate]'); r.value = 500; r.dispatchEvent(new Event('input', { bubbles: true })) })
  await page.waitForFunction(() => !document.querySelector('.bad'))
  // By keys alone.
  await page.locator('#handle').focus()
  const before = page.url()
  await page.keyboard.press('ArrowRight')
  await page.waitForFunction(old => location.href !== old, before)
  await page.context().close()
})

await check('points that are drawn are learnt, and the gradient is right', async () => {
  const page = await open('#v=1&view=network')
  const box = await page.locator('#field').boundingBox()
  for (const [pen, x0] of [[0, 0.2], [1, 0.7]]) {
    await page.check(`[name=pen][value="${pen}"]`)
    await page.mouse.move(box.x + box.width * x0, box.y + box.height * 0.2)
    await page.mouse.down()
    for (let i = 0; i < 20; i++) await page.mouse.move(box.x + box.width * (x0 + 0.1 * Math.sin(i)), box.y + box.height * (0.2 + 0.03 * i))
    await page.mouse.up()
  }
  await page.waitForTimeout(300)
  await page.click('#train')
  await page.waitForFunction(() => Number(/\d+/.exec(document.querySelector('#epochs').textContent)) > 40)
  await page.click('#train')
  await page.waitForFunction(() => /the loss is/.test(document.querySelector('#verdict').textContent))
  const loss = Number(/the loss is ([\d.e-]+)/.exec(await page.textContent('#verdict'))[1])
  want(loss < 0.3, `the loss of drawn points is ${loss}`)
  await page.click('#check')
  await page.waitForFunction(() => /agree/.test(document.querySelector('#checked').textContent))
  want(page.url().includes('points='), 'the points are not in the address')
  await page.context().close()
})

await check('a hundred random sequences of clicks', async () => {
  // Each sequence is drawn by its number, so that one that fails can be run again.
  const page = await open('')
  for (let sequence = 0; sequence < 100; sequence++) {
    await page.evaluate(async seed => {
      let state = seed * 2654435761 >>> 0
      const random = n => { state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; state >>>= 0; return state % n }
      for (let i = 0; i < 12; i++) {
        const all = [...document.querySelectorAll('button, input, select, header a[id], summary, canvas')].filter(e => e.offsetParent)
        const e = all[random(all.length)]
        if (e.tagName === 'SELECT') { e.selectedIndex = random(e.options.length); e.dispatchEvent(new Event('change', { bubbles: true })) }
        else if (e.type === 'range') { e.value = Number(e.min) + random(1001) / 1000 * (Number(e.max) - Number(e.min)); e.dispatchEvent(new Event('input', { bubbles: true })) }
        else if (e.type === 'number' || e.type === 'text') { e.value = ['', '-1', '7', '1e99', '16', '0', 'x'][random(7)]; e.dispatchEvent(new Event('change', { bubbles: true })) }
        else if (e.tagName === 'CANVAS') for (const type of ['pointerdown', 'pointermove', 'pointerup']) {
          const box = e.getBoundingClientRect()
          try { e.dispatchEvent(new PointerEvent(type, { bubbles: true, clientX: box.left + random(100) / 100 * box.width, clientY: box.top + random(100) / 100 * box.height, pointerId: 1 })) } catch {}
        } else e.click()
        await new Promise(r => setTimeout(r, random(20)))
      }
    }, sequence + 1)
    if (faults.length) { faults.push(`in sequence ${sequence}`); break }
  }
  const alive = await page.evaluate(() => new Promise(r => { setTimeout(() => r(document.querySelector('#status').textContent), 500) }))
  want(!/could not/.test(alive), alive)
  const spent = await page.evaluate(() => window.playgroundSpent.slice().sort((a, b) => a - b))
  console.log(`      a drawing takes ${spent[spent.length >> 1].toFixed(1)} ms, the longest of ${spent.length} took ${spent.at(-1).toFixed(1)}`)
  want(spent[spent.length >> 1] <= 8, `a drawing takes ${spent[spent.length >> 1]} ms`)
  await page.context().close()
})

await browser.close()
process.exitCode = bad ? 1 : 0
