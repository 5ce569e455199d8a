// Uses the finished site and its engine in a Firefox as Debian has it: runs a cell, changes it, makes a mistake, stops a loop,
// comes back after a reload. What all cells of chapters print in Firefox, cells.mjs compares.
//
//   node firefox.mjs SITE CHECKOUT FIREFOX NAME…     (the chapters)
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { check, faults, has, want } from './checks.mjs'
import { launch } from './launch.mjs'
import { cells } from './notebookpage.mjs'

const [site, checkout, executablePath, ...names] = process.argv.slice(2)
const server = spawn('node', [join(checkout, 'tools/site/serve.mjs'), site, '0', '/some/path/'], { stdio: ['ignore', 'pipe', 'inherit'] })
const address = await new Promise(resolve => server.stdout.on('data', d => resolve(/http:\S+/.exec(d)[0])))
const browser = await launch(executablePath)
console.log(`      ${await browser.version()}`)
const page = await (await browser.newContext()).newPage()
page.setDefaultTimeout(300_000) // on a machine that does much else
page.on('pageerror', e => faults.push(`script: ${e.message}`))

// press presses the button of a cell whose text begins so, when it is there.
async function press(i, begins) {
  const button = await page.waitForFunction(([i, begins]) => {
    const all = [...document.querySelectorAll('.cell')[i].querySelectorAll('.tools button')]
    return all.find(b => !b.hidden && b.textContent.startsWith(begins)) ?? false
  }, {}, [i, begins])
  await button.scrollIntoView()
  await button.click()
}
const printed = (i, part) => page.waitForFunction(([i, part]) => {
  const cell = document.querySelectorAll('.cell')[i]
  return !cell.hasAttribute('data-busy') && cell.querySelector('.outputs').textContent.includes(part)
}, {}, [i, part])
// rewrite types a text in the place of what the cell that has the focus holds. An editor may indent it; Go does not mind.
async function rewrite(code) {
  await page.keyboard.down('Control')
  await page.keyboard.press('a')
  await page.keyboard.up('Control')
  await page.keyboard.press('Backspace')
  for (const [k, line] of code.split('\n').entries()) {
    if (k > 0) await page.keyboard.press('Enter')
    await page.keyboard.type(line)
  }
}
const focus = i => page.evaluate(i => document.querySelectorAll('.cell')[i].querySelector('textarea, [contenteditable=true]').focus(), i)

for (const name of names) {
  // The first cell that prints and stands open.
  const all = cells(join(checkout, 'notebooks', `${name}.ipynb`)), at = all.findIndex(c => c.stdout && !c.shown.length && !c.hidden && !c.exercise && !c.fresh)
  await check(`Firefox: ${name}: run, change, a mistake, a stop, a reload`, async () => {
    await page.goto(`${address}${name}.html`)
    await page.waitForFunction(() => document.querySelector('.cell .tools button'))
    await page.evaluate(i => document.querySelectorAll('.cell')[i].querySelector('.outputs').replaceChildren('nothing yet'), at)
    await press(at, 'Run')
    await printed(at, all[at].stdout)
    await press(at, 'Edit')
    await page.waitForFunction(i => document.querySelectorAll('.cell')[i].querySelector('[contenteditable=true]'), {}, at)
    await focus(at)
    await rewrite('%%\nfmt.Println("changed by me", 6*7)')
    await press(at, 'Run')
    await printed(at, 'changed by me 42\n')
    await focus(at)
    await rewrite('%%\nfmt.Println(nothing)')
    await press(at, 'Run')
    await printed(at, `cell [${at + 1}], line 2: undefined: nothing`)
    await focus(at)
    await rewrite('%%\nfmt.Println("on it goes")\nfor {\n}')
    await press(at, 'Run')
    await page.waitForFunction(i => document.querySelectorAll('.cell')[i].querySelector('.outputs').textContent.includes('on it goes'), {}, at)
    await press(at, 'Stop')
    await printed(at, 'Stopped.')
    await focus(at)
    await rewrite('%%\nfmt.Println("kept", 1+1)')
    await page.reload()
    await page.waitForFunction(i => document.querySelectorAll('.cell')[i]?.querySelector('.tools button'), {}, at)
    const price = await page.evaluate(i => [...document.querySelectorAll('.cell')[i].querySelectorAll('.tools button')].map(b => b.textContent).join(), at)
    want(!price.includes('fetches'), `the compiler is fetched again: ${price}`)
    await press(at, 'Run')
    await printed(at, 'kept 2\n')
    await press(at, 'Reset')
    has(await page.evaluate(i => document.querySelectorAll('.cell')[i].querySelector('pre.source').textContent, at), all[at].source.slice(0, 40))
  })
}

await browser.close()
server.kill()
