// Uses the playground as a reader does, and tries to break it: what it computes is what the library computes without a
// browser; addresses of all versions open; keys, fingers and a hundred random sequences of clicks leave no error; nothing is
// asked for elsewhere, and less than 2 MB until the first picture; no page is wider than its screen; axe-core finds nothing
// that a screen reader would miss; a drawing takes at most 8 ms of the main thread.
//
//	node playground.mjs ADDRESS CHECKOUT ANSWER CHROMIUM SHOTS    (ANSWER is course/playground/answer, built)
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch } from './launch.mjs'
import { check, faults, want } from './checks.mjs'

const [address, checkout, answer, executablePath, shots] = process.argv.slice(2)
const addresses = readFileSync(join(checkout, 'course/playground/page/addresses.txt'), 'utf8').split('\n').filter(l => l.startsWith('#'))
mkdirSync(shots, { recursive: true })
const browser = await launch(executablePath)

async function open(hash, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', e => faults.push(`script: ${e.message}`))
  page.on('response', r => { if (r.status() >= 400) faults.push(`${r.status()} for ${r.url()}`) })
  page.on('request', r => { if (!r.url().startsWith(address) && !r.url().startsWith('data:')) faults.push(`asks for ${r.url()}`) })
  await page.goto(`${address}playground.html${hash}`)
  await page.waitForFunction(() => document.body.dataset.ready)
  return page
}

// What a call answers in the page's worker.
const ask = (page, call, arg) => page.evaluate(([call, arg]) => new Promise((resolve, reject) => {
  const worker = new Worker('worker.js')
  worker.onmessage = ({ data }) => { worker.terminate(); data.fatal ? reject(new Error(data.fatal)) : resolve(JSON.stringify(data.reply)) }
  worker.postMessage({ id: 1, call, arg })
}), [call, arg])

// What the library answers to the same calls without a browser.
function native(call, args) {
  const run = spawnSync(answer, { input: args.map(a => `${call} ${JSON.stringify(a)}\n`).join(''), encoding: 'utf8', maxBuffer: 1 << 28 })
  if (run.status !== 0) throw new Error(run.stderr)
  return run.stdout.trim().split('\n').map(line => JSON.parse(line))
}

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
const axe = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'))

// What axe-core finds wrong on a page.
async function barriers(page, where) {
  await page.addScriptTag({ path: axe })
  for (const v of await page.evaluate(async () => (await window.axe.run()).violations)) {
    want(false, `${where}: ${v.help}: ${v.nodes.map(n => `${n.target}: ${n.any.concat(n.all).map(c => c.message)}`).slice(0, 4).join('; ')}`)
  }
}

await check('what it computes is what the library computes', async () => {
  const page = await open('')
  const about = JSON.parse(await ask(page, 'about', null))
  const args = about.surfaces.map(s => ({ ...about.usual, surface: s.name, start: s.start, steps: 150, optimizers: about.methods.filter(m => m.walks).map(m => m.name),
    rate: s.rate, schedule: 'cosine', noise: s.noise, seed: 3 }))
  const theirs = native('descend', args)
  for (const [i, s] of about.surfaces.entries()) {
    const here = JSON.parse(await ask(page, 'descend', args[i]))
    theirs[i].forEach((run, k) => {
      const far = run.path.reduce((m, v, i) => Math.max(m, Math.abs(v - here[k].path[i]) / Math.max(1, Math.abs(v))), 0)
      want(here[k].path.length === run.path.length && far <= 1e-12, `${run.method} on ${s.name}: ${here[k].path.length} numbers, ${run.path.length} without a browser, ${far} apart`)
    })
  }
  await page.context().close()
})

await check('less than 2 MB until the first picture', async () => {
  const context = await browser.newContext(), page = await context.newPage(), sizes = []
  page.on('response', r => { if (r.status() >= 400) faults.push(`${r.status()} for ${r.url()}`) })
  page.on('requestfinished', r => sizes.push(r.sizes().then(s => s.responseBodySize + s.responseHeadersSize)))
  await page.goto(`${address}playground.html`)
  await page.waitForFunction(() => document.body.dataset.ready)
  const bytes = (await Promise.all(sizes)).reduce((a, b) => a + b, 0)
  console.log(`      ${bytes} bytes in ${sizes.length} answers`)
  want(bytes < 2e6 && bytes > 1e6, `it asks for ${bytes} bytes`)
  await context.close()
})

await check('three sizes, light and dark, for eyes and for screen readers', async () => {
  for (const width of [390, 1280, 1920]) {
    const page = await open('', width === 390 ? phone : { viewport: { width, height: 900 } })
    for (const view of ['surface', 'network']) {
      if (view === 'network') {
        await page.click('#to-network')
        await page.click('#train')
      }
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme })
        await page.waitForTimeout(600)
        const name = `${view} at ${width}, ${colorScheme}`
        const wide = await page.evaluate(() => document.documentElement.scrollWidth)
        want(wide <= width, `${name}: it is ${wide} pixels wide`)
        if (view === 'surface') {
          const low = await page.evaluate(() => document.getElementById('play').getBoundingClientRect().bottom - innerHeight)
          want(low <= 0, `${name}: the button Play is ${low} pixels below the screen`)
        }
        if (width !== 1920) await barriers(page, name)
        await page.screenshot({ path: join(shots, `playground-${view}-${width}-${colorScheme}.png`), fullPage: true })
      }
    }
    await page.context().close()
  }
})

await check('light or dark as it was chosen on another page', async () => {
  const page = await open('', { colorScheme: 'light' }), paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  want(await paper() === 'rgb(255, 255, 255)', `it begins as ${await paper()}`)
  await page.goto(`${address}index.html`)
  await page.locator('.VPNavBarAppearance .VPSwitchAppearance').click()
  await page.goto(`${address}playground.html`)
  await page.waitForFunction(() => document.body.dataset.ready)
  want(await paper() === 'rgb(22, 24, 28)', `after dark was chosen it is ${await paper()}`)
  await page.context().close()
})

const shown = selector => { const e = document.querySelector(selector); return e.type === 'checkbox' ? String(e.checked) : e.value ?? e.textContent }

await check('addresses of all versions open', async () => {
  const page = await open('')
  for (const line of addresses) {
    const [hash, selector, value] = line.split('\t')
    for (const how of ['while the page is open', 'anew']) {
      if (how === 'anew') await page.reload()
      else await page.evaluate(h => { location.hash = h }, hash)
      await page.waitForFunction(() => document.body.dataset.ready)
      await page.waitForFunction(`(${shown})(${JSON.stringify(selector)}) === ${JSON.stringify(value)}`, null, { timeout: 5000 }).catch(() => {})
      await page.waitForTimeout(100) // and it stays
      const got = await page.evaluate(shown, selector)
      want(got === value, `${hash}, opened ${how}, shows ${selector} as ${got}, want ${value}`)
    }
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

for (const [size, options] of [['desk', { viewport: { width: 1280, height: 900 } }], ['phone', phone]]) await check(`the three tasks, by keys, ${size}`, async () => {
  const page = await open('#v=1&surface=valley&opt=gd', options)
  await page.locator('[name=rate]').focus()
  const until = async (key, done) => {
    for (let i = 0; i < 60 && await page.locator('#quest .done').count() < done; i++) {
      await page.keyboard.press(key)
      await page.waitForTimeout(30)
    }
    want(await page.locator('#quest .done').count() === done, `${key} does not do task ${done}`)
  }
  const high = await page.evaluate(() => document.getElementById('quest').offsetHeight)
  want(await page.locator('#reasons button:disabled').count() === 3, 'there are answers before there is a question')
  await until('ArrowRight', 1)
  want(await page.locator('.bad').count() === 1, 'it is broken, but nothing diverged')
  await page.screenshot({ path: join(shots, `tasks-broken-${size}.png`), fullPage: true })
  // To answer before it is mended is no fault; to send away what diverged does not mend it.
  await page.locator('#reasons button').first().click()
  want(/^No\./.test(await page.textContent('#answer')), 'a wrong reason is not corrected')
  await page.locator('#reasons [data-right]').click()
  want(/^Yes\. .*0\.04 .*Now mend it/.test(await page.textContent('#answer')), 'the right reason is not accepted')
  await page.waitForTimeout(700)
  const reply = await page.locator('#answer').boundingBox()
  want(reply.y >= 0 && reply.y + reply.height <= page.viewportSize().height, `the reply is out of sight, at ${reply.y}`)
  const grown = await page.evaluate(() => document.getElementById('quest').offsetHeight) - high
  want(Math.abs(grown) <= 2, `what is below the tasks moves by ${grown} pixels`)
  await page.locator('#opt [value=momentum]').check()
  await page.locator('#opt [value=gd]').uncheck()
  await page.waitForFunction(() => !document.querySelector('.bad'))
  want(await page.locator('#quest .done').count() === 1, 'it is mended by sending away what diverged')
  await page.locator('#opt [value=gd]').check()
  await page.waitForFunction(() => document.querySelector('.bad'))
  await page.locator('[name=rate]').focus()
  await until('ArrowLeft', 3)
  want(!/mend it/.test(await page.textContent('#answer')), 'what is mended is to be mended')
  await page.screenshot({ path: join(shots, `tasks-done-${size}.png`), fullPage: true })
  await page.context().close()
})

await check('a finger moves the ring, and scrolls everywhere else', async () => {
  const page = await open('#v=1&at=200', phone), touch = await page.context().newCDPSession(page)
  // A finger goes down at a place of the screen, and then by some pixels.
  const drag = async (x, y, dx, dy) => {
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] })
    await page.waitForTimeout(50)
    for (let i = 1; i <= 10; i++) {
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: x + dx * i / 10, y: y + dy * i / 10 }] })
      await page.waitForTimeout(16)
    }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await page.waitForTimeout(300)
  }
  for (const what of ['#map', '[name=rate]']) {
    await page.evaluate(() => scrollTo(0, 0))
    const box = await page.locator(what).boundingBox(), before = page.url()
    const loss = await page.textContent('#score')
    await drag(box.x + box.width * 0.8, box.y + box.height * 0.7, 0, -200)
    want(await page.evaluate(() => scrollY) > 100, `a swipe over ${what} does not scroll`)
    await page.waitForTimeout(1200)
    want(page.url() === before && await page.textContent('#score') === loss, `a swipe over ${what} turns something: ${page.url()}`)
  }
  await page.evaluate(() => scrollTo(0, 0))
  const slider = await page.locator('[name=rate]').boundingBox()
  await drag(slider.x + slider.width * 0.3, slider.y + slider.height / 2, 60, 5)
  await page.waitForFunction(() => /rate=/.test(location.hash), null, { timeout: 5000 })
  const slid = page.url()
  await page.touchscreen.tap(slider.x + slider.width * 0.4, slider.y + slider.height / 2)
  await page.waitForFunction(old => location.href !== old, slid, { timeout: 5000 })
  const ring = await page.locator('#handle').boundingBox()
  want(ring.width >= 44 && ring.height >= 44, 'the ring is too small for a finger')
  await drag(ring.x + ring.width / 2 + 10, ring.y + ring.height / 2, 200, 40)
  await page.waitForFunction(() => /start=/.test(location.hash), null, { timeout: 15_000 })
  const after = await page.locator('#handle').boundingBox()
  want(Math.abs(after.x - ring.x - 200) < 3 && Math.abs(after.y - ring.y - 40) < 3, `the ring went by ${after.x - ring.x}, ${after.y - ring.y}`)
  await page.context().close()
})

await check('a new α shows its first steps, and then the run; + and − turn it', async () => {
  for (const reducedMotion of ['no-preference', 'reduce']) {
    const page = await open('#v=1&at=200', { reducedMotion })
    await page.evaluate(() => {
      window.seen = []
      new MutationObserver(() => window.seen.push(document.getElementById('at').textContent)).observe(document.getElementById('at'), { childList: true })
    })
    const rate = () => page.evaluate(() => Number(document.querySelector('[name=rate]+output').textContent))
    const [before] = [await rate(), await page.click('#more')]
    want(await rate() > before, '+ does not make α larger')
    await page.waitForTimeout(1500)
    const seen = await page.evaluate(() => window.seen)
    want(seen.some(s => s.startsWith('step 5 ')) === (reducedMotion !== 'reduce'), `${reducedMotion}: it shows ${seen}`)
    want(await page.textContent('#at') === 'step 200 of 200', 'it does not end with the whole run')
    await page.click('#less')
    want(await rate() === before, '− does not undo +')
    await page.context().close()
  }
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
  await page.keyboard.press('g')
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
