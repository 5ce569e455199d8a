// Uses the static site as readers do, served below a path: no page is wider than the screen, asks for anything elsewhere or
// links to what is not there; cells hold the notebooks' sources; the search finds words in English and Chinese, and no code;
// words explain themselves, players turn, the cover's ring can be moved; axe-core finds nothing; what was visited can be
// read offline; and without a server the pages can be read from their files.
//
//	node site.mjs SITE CHECKOUT ANSWER CHROMIUM SHOTS    (ANSWER is course/playground/answer, built)
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { launch } from './launch.mjs'
import { check, faults, want } from './checks.mjs'

const [site, checkout, answer, executablePath, shots] = process.argv.slice(2)
mkdirSync(shots, { recursive: true })
const server = spawn('node', [join(checkout, 'tools/site/serve.mjs'), site, '0', '/some/path/'], { stdio: ['ignore', 'pipe', 'inherit'] })
const address = await new Promise(resolve => server.stdout.on('data', d => resolve(/http:\S+/.exec(d)[0])))
const browser = await launch(executablePath)
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
const CHAPTER = '03b-adam.html'
const axe = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'))
const names = readdirSync(site).filter(f => f.endsWith('.html') && f !== '404.html' && f !== 'playground.html')

async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block', ...options }), page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', e => faults.push(`${page.url()}: script: ${e.message}`))
  page.on('console', m => { if (/^(error|warning)$/.test(m.type()) && !options.quiet && !/registration blocked/.test(m.text())) faults.push(`${page.url()}: ${m.text()}`) })
  page.on('request', r => { if (!r.url().startsWith(address) && !/^(data|blob):/.test(r.url())) faults.push(`${page.url()} asks for ${r.url()}`) })
  await page.goto(address + name)
  await ready(page)
  return page
}
// Vue has taken the page over.
const ready = page => page.waitForFunction(() => document.querySelector('#app')?.__vue_app__ && document.getElementById('says') && !document.querySelector('#walk:not([data-ready])'))

// What is wrong with the page as it lies there.
const look = page => page.evaluate(async () => {
  document.head.append(Object.assign(document.createElement('style'), { textContent: '.cell { content-visibility: visible !important }' }))
  const pictures = [...document.querySelectorAll('main img')], wrong = []
  pictures.forEach(i => { i.loading = 'eager' })
  await Promise.all(pictures.filter(i => i.getAttribute('src')).map(i => i.decode().catch(() => {})))
  const wide = document.documentElement.scrollWidth
  if (wide > innerWidth) {
    const guilty = [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('pre, .table, .katex-display, .html')).slice(0, 3)
    wrong.push(`is ${wide} pixels wide on a screen of ${innerWidth}: ${guilty.map(e => e.outerHTML.slice(0, 100))}`)
  }
  if (document.querySelectorAll('main h1').length !== 1) wrong.push(`has ${document.querySelectorAll('main h1').length} titles`)
  for (const i of pictures) {
    if (i.getAttribute('src') && !i.naturalWidth) wrong.push(`does not show a picture: ${i.alt}`)
    if (!i.alt && !i.closest('figure')?.querySelector('img[alt]:not([alt=""])')) wrong.push('has a picture without a text')
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id)
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i)
  if (twice.length) wrong.push(`has the ids ${[...new Set(twice)]} twice`)
  return { wrong, ids, links: [...document.querySelectorAll('a[href]')].map(a => a.href),
    cells: [...document.querySelectorAll('.cell')].map(c => [c.dataset.notebook, c.dataset.cell, c.querySelector('pre.source')?.textContent, !!c.querySelector('.tools') && !!c.querySelector('.outputs')]) }
})

// What axe-core finds. (The results of VitePress's search are links in options of a list, which is left to VitePress.)
async function barriers(page, where) {
  await page.addScriptTag({ path: axe })
  for (const v of await page.evaluate(async () => (await window.axe.run({ exclude: [['.VPLocalSearchBox .results']] }, { resultTypes: ['violations'] })).violations)) {
    want(false, `${where}: ${v.id}: ${v.help}: ${v.nodes.length} times, ${v.nodes.map(n => `${n.target}: ${n.any.concat(n.all, n.none).map(c => c.message)}`).slice(0, 3).join('; ')}`)
  }
}

await check('every page on a phone: as wide as the screen, with its pictures, cells and links', async () => {
  const page = await open('', PHONE), found = new Map(), links = []
  for (const name of names) {
    await page.goto(address + name)
    const { wrong, ids, links: here, cells } = await look(page)
    for (const w of wrong) want(false, `${name} ${w}`)
    found.set(name, ids)
    links.push(...here.map(href => [name, href]))
    if (/^\d/.test(name)) {
      const notebook = name.replace('.html', ''), { cells: all } = JSON.parse(readFileSync(join(checkout, 'notebooks', `${notebook}.ipynb`), 'utf8'))
      const code = all.filter(c => c.cell_type === 'code').map(c => [notebook, c.id, [].concat(c.source).join(''), true])
      want(JSON.stringify(code) === JSON.stringify(cells), `${name}: its cells are not those of the notebook`)
      want(await page.locator('.figure').count() === all.reduce((n, c) => n + (c.outputs ?? []).filter(o => o.data?.['image/png'] || o.data?.['image/gif']).length, 0), `${name}: a figure is missing`)
    }
  }
  want(found.size > 25, `there are ${found.size} pages`)
  for (const [name, href] of links) {
    if (!href.startsWith(address)) {
      want(/^https:/.test(href), `${name} links to ${href}`)
      continue
    }
    const [path, anchor] = href.slice(address.length).split('#'), target = decodeURI(path) || 'index.html'
    if (!found.has(target)) want(readdirSync(site).includes(target), `${name} links to ${href}, which is not there`)
    else if (anchor && target !== 'playground.html') want(found.get(target).includes(decodeURIComponent(anchor)), `${name} links to ${href}, which is not on that page`)
  }
  await page.context().close()
})

await check('three sizes, light and dark, for eyes and for screen readers', async () => {
  for (const width of [390, 1280, 1920]) {
    for (const name of ['', CHAPTER, 'glossary.html']) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await open(name, { ...width === 390 ? PHONE : { viewport: { width, height: 900 } }, colorScheme, reducedMotion: 'reduce' })
        const where = `${name || 'cover'} at ${width}, ${colorScheme}`
        for (const w of (await look(page)).wrong) want(false, `${where}: ${w}`)
        if (width !== 1920) await barriers(page, where)
        await page.screenshot({ path: join(shots, `site-${name.replace('.html', '') || 'cover'}-${width}-${colorScheme}.png`) })
        await page.context().close()
      }
    }
  }
})

await check('the search finds words and headings, in English and in Chinese, and no code', async () => {
  for (const [words, expected] of [['bias correction', /bias correction/i], ['梯度下降', /gradient descent 梯度下降/], ['下降', /梯度下降/], ['overfit', /overfitting/i]]) {
    const page = await open('')
    await page.keyboard.press('Control+k')
    await page.locator('.VPLocalSearchBox input').fill(words)
    const first = page.locator('.VPLocalSearchBox .result').first()
    await first.waitFor()
    const titles = await page.locator('.VPLocalSearchBox .result').allTextContents()
    want(titles.some(t => expected.test(t.replace(/\s+/g, ' '))), `the search for ${words} finds ${titles}`)
    if (words === '下降') await barriers(page, 'the search')
    const title = (await first.locator('.title').last().textContent()).trim()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => location.hash && document.getElementById('says'))
    const text = await page.evaluate(() => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.textContent)
    want(text?.trim().startsWith(title.split(' ')[0]), `the search for ${words} found "${title}" and leads to "${text}"`)
    await page.context().close()
  }
  const page = await open('')
  await page.click('.DocSearch-Button')
  await page.locator('.VPLocalSearchBox input').fill('RawRowView')
  await page.locator('.VPLocalSearchBox .no-results').waitFor()
  await page.context().close()
})

await check('words of the glossary explain themselves: pointer, keyboard, finger', async () => {
  let page = await open(CHAPTER), word = page.locator('a.term').first()
  const says = () => page.locator('#says:not([hidden])')
  await word.hover()
  await says().waitFor()
  want(await says().textContent() === await word.getAttribute('data-says'), 'it explains another word')
  await page.keyboard.press('Escape')
  want(await says().count() === 0, 'Escape does not close it')
  await word.focus()
  want(await says().count() === 1 && await word.getAttribute('aria-describedby') === 'says', 'the keyboard does not open it')
  await page.context().close()
  page = await open(CHAPTER, PHONE)
  word = page.locator('a.term').nth(3)
  await word.tap()
  await says().waitFor()
  const box = await says().boundingBox()
  want(box.x >= 0 && box.x + box.width <= 390, `it is at ${box.x}, ${box.width} wide`)
  want(page.url().endsWith(CHAPTER), 'the first tap leads away')
  await word.tap()
  await page.waitForURL(/glossary\.html#/)
  await page.context().close()
})

await check('formulas, players, moving pictures, what is folded on paper', async () => {
  const page = await open(CHAPTER)
  await page.evaluate(() => document.fonts.ready)
  want(await page.evaluate(() => [...document.fonts].some(f => f.family.startsWith('KaTeX') && f.status === 'loaded')), 'no font of formulas is loaded')
  want(await page.locator('picture img, img[src$=".gif"]').count() > 0, 'there is no moving picture')
  await page.goto(`${address}06a2-convolutional-networks.html`)
  await ready(page)
  const figure = page.locator('figure[data-frames]').first(), slider = figure.locator('input[type=range]')
  await slider.scrollIntoViewIfNeeded()
  const before = [await figure.locator('output').textContent(), await figure.locator('div').first().screenshot()]
  await slider.focus()
  await page.keyboard.press('End')
  await page.waitForFunction(f => { const i = f.querySelectorAll('img')[1]; return i.style.display === 'block' && i.complete && i.naturalWidth }, await figure.elementHandle())
  want(before[0] !== await figure.locator('output').textContent() && !before[1].equals(await figure.locator('div').first().screenshot()), "a player's slider does not change its picture")
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
  want(await page.locator('details:not([open])').count() === 0, 'what is folded is missing on paper')
  await page.emulateMedia({ media: 'print' })
  want(await page.locator('.VPSidebar, .VPNav').evaluateAll(all => all.every(e => getComputedStyle(e).display === 'none')), 'the frame of the page is printed')
  await page.context().close()
})

// Of the light of a picture, from 0 to 1, as it is on the screen.
const light = async (page, locator) => page.evaluate(async png => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob()), canvas = new OffscreenCanvas(image.width, image.height), c = canvas.getContext('2d')
  c.drawImage(image, 0, 0)
  const { data } = c.getImageData(0, 0, image.width, image.height)
  return data.reduce((sum, v, i) => i % 4 === 1 ? sum + v : sum, 0) / 255 / image.width / image.height
}, (await locator.screenshot()).toString('base64'))

await check('charts follow light and dark, whatever the system has; photographs do not', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await open('06a-image-classification.html', { colorScheme }), chart = page.locator('img.drawing').first(), photograph = page.locator('img.picture').first()
    for (const dark of [colorScheme === 'dark', colorScheme !== 'dark']) {
      if (dark !== (colorScheme === 'dark')) await page.locator('.VPNavBarAppearance .VPSwitchAppearance').click()
      want(await page.evaluate(() => document.documentElement.classList.contains('dark')) === dark, 'the switch of light and dark does not turn')
      await chart.scrollIntoViewIfNeeded()
      await chart.evaluate(i => i.decode())
      const of = await light(page, chart)
      want(dark ? of < 0.3 : of > 0.8, `on a ${dark ? 'dark' : 'light'} page, in a ${colorScheme} system, a chart has ${of.toFixed(2)} of the light`)
      await photograph.scrollIntoViewIfNeeded()
      await photograph.evaluate(i => i.decode())
      want(await light(page, photograph) > 0.5, 'a photograph is inverted')
    }
    await page.emulateMedia({ media: 'print' })
    want(await light(page, chart) > 0.8, 'a chart is printed dark')
    await page.context().close()
  }
})

await check('panels are side by side, and one below the other on a phone', async () => {
  for (const [width, options] of [[1280, {}], [390, PHONE]]) {
    const page = await open('05-project-practice.html', options), panels = page.locator('.panels').first(), whole = page.locator('.whole').first()
    want(await page.locator('.panels').count() > 2, 'there are no panels')
    const [stacked, side] = await Promise.all([panels, whole].map(l => l.evaluate(e => getComputedStyle(e).display !== 'none')))
    want(stacked === (width === 390) && side !== stacked, `at ${width} the panels are ${stacked ? '' : 'not '}stacked, and the whole is ${side ? '' : 'not '}shown`)
    if (width === 390) {
      const boxes = await panels.locator('span').evaluateAll(all => all.map(e => e.getBoundingClientRect().toJSON()))
      want(boxes.length === 3 && boxes.every((b, i) => b.width > 200 && b.right <= width && (!i || b.top >= boxes[i - 1].bottom)), `panels lie at ${JSON.stringify(boxes)}`)
      await panels.scrollIntoViewIfNeeded()
      await panels.locator('img').first().evaluate(i => i.decode())
      for (let i = 0; i < 3; i++) {
        const of = await light(page, panels.locator('span').nth(i))
        want(of > 0.7 && of < 0.99, `panel ${i} has ${of.toFixed(2)} of the light: is there a chart?`)
      }
      await panels.screenshot({ path: join(shots, 'site-panels-390.png') })
    }
    await page.context().close()
  }
})

await check('the ring on the cover, by pointer, keys and without motion; its walks are those of the library', async () => {
  const page = await open(''), ring = page.locator('.ring'), says = () => page.textContent('#walk-says')
  await page.waitForFunction(() => /step \d\d/.test(document.getElementById('walk-says').textContent))
  await page.locator('.walk .play').click()
  const still = await says()
  await page.waitForTimeout(200)
  want(await says() === still, 'Pause does not stop it')
  const box = await ring.boundingBox(), pixels = () => page.locator('.paths').screenshot()
  const before = await pixels()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + 150, box.y - 100, { steps: 5 })
  await page.mouse.up()
  const moved = await ring.boundingBox()
  want(Math.abs(moved.x + moved.width / 2 - box.x - 150) < 3 && Math.abs(moved.y + moved.height / 2 - box.y + 100) < 3, `the ring is at ${moved.x}, ${moved.y}`)
  want(/step 150: gradient descent at [\d.]+, momentum at [\d.]+, Adam at [\d.]+/.test(await says()), `it says ${await says()}`)
  want(!before.equals(await pixels()), 'the paths are the same')
  await ring.focus()
  await page.keyboard.press('ArrowLeft')
  want((await ring.boundingBox()).x < moved.x, 'an arrow does not move it')
  await page.context().close()

  const calm = await open('', { reducedMotion: 'reduce' })
  want(/step 150/.test(await calm.textContent('#walk-says')), 'it moves for those who asked for rest')
  await calm.context().close()

  const { path } = await import(pathToFileURL(join(checkout, 'tools/site/theme/descend.js')))
  const native = (call, arg) => JSON.parse(spawnSync(answer, { input: `${call} ${JSON.stringify(arg)}\n`, encoding: 'utf8', maxBuffer: 1 << 26 }).stdout)
  const about = native('about', null)
  for (const [name, settings] of Object.entries({ gd: { rate: 0.004 }, momentum: { rate: 0.0006, momentum: 0.9 }, adam: { adaptive: 0.1, momentum: 0.9, beta2: 0.999, epsilon: 1e-8 } })) {
    const [run] = native('descend', { ...about.usual, surface: 'himmelblau', start: [-0.6, -1.2], steps: 150, noise: 0, schedule: 'constant', optimizers: [name], ...settings })
    const far = path(name, [-0.6, -1.2], 150).flat().reduce((m, v, i) => Math.max(m, Math.abs(v - run.path[i])), 0)
    want(run.path.length === 302 && far < 1e-9, `${name}: ${run.path.length / 2 - 1} steps, ${far} apart from the library`)
  }
})

await check('progress is kept, and the cover goes on there', async () => {
  const page = await open(CHAPTER)
  await page.evaluate(() => document.querySelectorAll('.chapter h2')[3].scrollIntoView())
  await page.waitForFunction(() => JSON.parse(localStorage['descent.read'] ?? '{}')['03b-adam']?.share > 10)
  const anchor = await page.evaluate(() => JSON.parse(localStorage['descent.read'])['03b-adam'].anchor)
  await page.goto(address)
  await page.waitForFunction(() => /^Go on with 3b/.test(document.getElementById('begin').textContent))
  want(await page.locator('.card[data-chapter="03b-adam"] progress:not([hidden])').count() === 1, 'the card shows nothing')
  await page.click('#begin')
  await page.waitForURL(`**/03b-adam.html#${encodeURIComponent(anchor)}`)
  // Back to another place of the same page: its text is still there.
  await page.locator('.VPDocAsideOutline a').first().click()
  await page.goBack()
  await page.waitForTimeout(300)
  want(await page.locator('.cell').count() > 10, 'going back within a page empties it')
  await page.locator('.pager-link.next').click()
  await page.waitForURL('**/04-linear-and-logistic-regression.html')
  await page.context().close()
})

await check('what was visited can be read offline, and what was not says so', async () => {
  const page = await open(CHAPTER, { serviceWorkers: 'allow', quiet: true }), context = page.context()
  await page.evaluate(() => navigator.serviceWorker.ready)
  // The worker keeps what the page loaded before it was there, one after another: the page, its scripts and its style.
  const kept = () => page.evaluate(async () => {
    const loaded = performance.getEntriesByType('resource').map(e => e.name).filter(name => /\.(js|css|woff2)$/.test(name))
    const all = await Promise.all([location.href.split('#')[0], ...loaded].map(name => caches.match(name)))
    return all.every(Boolean)
  })
  for (let n = 0; !await kept(); n++) {
    if (n > 200) throw new Error('the worker does not keep what was loaded')
    await page.waitForTimeout(100)
  }
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
  await context.setOffline(true)
  await page.reload()
  await ready(page)
  want(await page.locator('.cell').count() > 10, 'a chapter that was visited is empty')
  want(await page.evaluate(() => getComputedStyle(document.querySelector('.cell pre')).fontFamily.includes('mono')), 'its style is missing')
  await page.goto(`${address}08-summary-and-trends.html`)
  want(/not kept on this device/.test(await page.textContent('h1')), 'a page that was not visited does not say so')
  await page.goto(address)
  want(/Learn how/.test(await page.textContent('h1')), 'the cover is not kept')
  await context.setOffline(false)
  const manifest = await (await page.request.get(`${address}manifest.webmanifest`)).json()
  for (const { src } of manifest.icons) want((await page.request.get(address + src)).ok(), `there is no ${src}`)
  await context.close()
})

await check('a page that is not there, at any depth', async () => {
  const page = await (await browser.newContext()).newPage()
  for (const name of ['nonsense.html', 'a/b/c']) {
    want((await page.goto(address + name)).status() === 404, `${name} is there`)
    await page.waitForFunction(home => document.getElementById('home').href === home, address)
  }
  await page.context().close()
})

await check('the server: types, compression, nothing outside of its folder', async () => {
  const { request } = await browser.newContext()
  for (const [name, type] of [['sw.js', 'text/javascript'], ['playground.wasm.gz', 'application/gzip'], ['manifest.webmanifest', 'application/manifest+json'], ['icon.svg', 'image/svg+xml'], ['licences.txt', 'text/plain']]) {
    const reply = await request.get(address + name)
    want(reply.ok() && reply.headers()['content-type'].startsWith(type), `${name}: ${reply.status()} ${reply.headers()['content-type']}`)
    want(name.endsWith('.gz') !== (reply.headers()['content-encoding'] === 'gzip') || name.endsWith('.png'), `${name}: ${reply.headers()['content-encoding']}`)
  }
  for (const name of ['%2e%2e/site-tools/package.json', '..%2fsite-tools/package.json', '%00']) want((await request.get(address + name)).status() >= 400, `${name} is served`)
})

await check('without a server: pages read from their files', async () => {
  const page = await (await browser.newContext({ ...PHONE, offline: true })).newPage()
  for (const name of ['index.html', CHAPTER, 'playground.html']) {
    await page.goto(pathToFileURL(join(site, name)).href)
    const { wrong } = await look(page)
    if (name !== 'playground.html') for (const w of wrong) want(false, `${name} ${w}`)
    if (name === 'playground.html') want(/make serve-site/.test(await page.textContent('#status')), 'it does not say how to serve it')
    else want(await page.evaluate(() => getComputedStyle(document.querySelector('.vp-doc h1')).fontWeight >= 600), `${name}: its style is missing`)
  }
  await page.context().close()
})

await browser.close()
server.kill()
