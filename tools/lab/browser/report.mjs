// Writes what came of all cells of all chapters (cells.mjs) into a document, between its marks. With a fault nothing is written.
// Chapters whose notebook has changed since, or that have not run, are an error, and the document names them. The cells that take
// five seconds or more go into SLOW.
//
//   node report.mjs ENGINE NOTEBOOKS RESULTS DOCUMENT SLOW
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fill } from './document.mjs'
import { fingerprint } from './notebookpage.mjs'

const [engine, notebooks, results, file, slowFile] = process.argv.slice(2)
const names = Object.keys(JSON.parse(readFileSync(join(engine, 'index.json'))).chapters).sort()
const found = names.map(name => {
  const path = join(results, `${name}.json`), result = existsSync(path) ? JSON.parse(readFileSync(path)) : {}
  return result.notebook === fingerprint(join(notebooks, `${name}.ipynb`)) ? { name, cells: result.cells } : { name }
})
const all = found.filter(c => c.cells), lacking = found.filter(c => !c.cells).map(c => c.name)
const faults = all.flatMap(c => c.cells.filter(x => x.fault).map(x => `${c.name} In [${x.number}]: ${x.kind}: ${x.why}`))
for (const f of faults) console.log(`FAIL  ${f}`)
if (faults.length) process.exit(1)
if (lacking.length) {
  console.log(`FAIL  these have not run as they are today: ${lacking.join(' ')}`)
  process.exitCode = 1
}

const kinds = ['equal', 'differs', 'not for a page']
const kind = c => kinds.includes(c.kind) ? c.kind : 'differs'
const row = (name, cells) => `| ${name} | ${cells.length} | ${kinds.map(k => cells.filter(c => kind(c) === k).length || '').join(' | ')} |`
const reasons = new Map() // the cells with each
for (const { name, cells } of all) {
  for (const c of cells) {
    if (c.kind === 'equal') continue
    const key = `${kind(c)} | ${c.why}`
    reasons.set(key, [...reasons.get(key) ?? [], [name, c.number]])
  }
}
// places says which cells, those of a chapter together.
function places(cells) {
  const by = new Map()
  for (const [name, number] of cells) by.set(name, [...by.get(name) ?? [], number])
  return [...by].map(([name, numbers]) => `${name} ${numbers.join(', ')}`).join('; ')
}
const rows = [...reasons].sort(([a], [b]) => kinds.indexOf(a.split(' | ')[0]) - kinds.indexOf(b.split(' | ')[0]) || (a < b ? -1 : 1))
fill(file, 'engine: cells', `| chapter | cells | run, and print and show what is stored | run, and differ | not for a page |
|---|---|---|---|---|
${all.map(c => row(`[${c.name}](../notebooks/${c.name}.ipynb)`, c.cells)).join('\n')}
${row('all', all.flatMap(c => c.cells))}

| | why | cells |
|---|---|---|
${rows.map(([key, cells]) => `| ${key} | ${places(cells)} |`).join('\n')}${lacking.length ? `\n\nNot run as they are today: ${lacking.join(', ')}.` : ''}`)

const slow = Object.fromEntries(all.map(c => [c.name, Object.fromEntries(c.cells.filter(x => x.ms >= 5000).map(x => [x.number, Math.round(x.ms / 1000)]))]).filter(([, cells]) => Object.keys(cells).length))
writeFileSync(slowFile, `${JSON.stringify(slow, null, 1)}\n`)
