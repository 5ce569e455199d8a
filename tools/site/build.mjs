// Builds the site: node build.mjs CHECKOUT OUT PARTS [ENGINE]
//
// PARTS has what site.sh has made: playground/ (playground.wasm, wasm_exec.js, modules.txt, licences.txt) and not-here.json.
// With ENGINE, a folder that tools/page has made, the cells of chapters can be run.
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vitepress'
import { settings, stub } from './config.mjs'
import { finish } from './finish.mjs'
import { goModules } from './licences.mjs'
import { pages } from './pages.mjs'

const [root, out, parts, engine] = process.argv.slice(2).map(p => resolve(p))
const tools = dirname(fileURLToPath(import.meta.url)), source = join(tools, 'pages'), fresh = `${out}.new`

try {
  const { all, pictures, rows } = pages(root, ...[join(parts, 'not-here.json'), join(root, 'tools/site/slow.json')].map(file => JSON.parse(readFileSync(file, 'utf8'))))
  const read = (folder, name) => folder ? readFileSync(join(folder, name), 'utf8') : '', playground = join(parts, 'playground')
  const go = {
    modules: [...new Map([...goModules(read(playground, 'modules.txt')), ...goModules(read(engine, 'modules.txt'))].map(m => [m.name, m])).values()],
    texts: [['What the playground computes with', read(playground, 'licences.txt')], ['What runs and compiles cells', read(engine, 'licences.txt')]].filter(([, t]) => t),
  }

  rmSync(source, { recursive: true, force: true })
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(join(source, '.vitepress'), { recursive: true })
  cpSync(join(tools, 'theme'), join(source, '.vitepress/theme'), { recursive: true })
  cpSync(join(tools, 'public'), join(source, 'public'), { recursive: true })
  const chapters = all.filter(p => p.chapter)
  for (const page of all) {
    const at = chapters.indexOf(page)
    writeFileSync(join(source, `${page.name}.md`), stub(page, { before: chapters[at - 1], after: at < 0 ? undefined : chapters[at + 1], engine }))
  }
  writeFileSync(join(source, 'index.md'), stub({ title: 'Descent', front: { layout: 'page', sidebar: false, title: 'Descent', titleTemplate: 'train and optimise models, in Go', pageClass: 'is-cover', search: false } }))
  writeFileSync(join(source, 'licences.md'), stub({ title: 'Licences' }))

  const config = settings({ all, rows, out: fresh, source, go, engine })
  globalThis.descentSettings = config // VitePress reads its settings from a file, and these are functions
  writeFileSync(join(source, '.vitepress/config.mjs'), 'export default globalThis.descentSettings\n')
  await build(source)
  finish({ root, out: fresh, parts, tools, pictures, go, packages: config.shipped, engine })
  rmSync(out, { recursive: true, force: true })
  renameSync(fresh, out)
  console.log(`lab: ${all.length} pages; open ${join(out, 'index.html')}`)
} catch (e) {
  console.error(`lab: the site cannot be built: ${e.stack ?? e}`)
  process.exitCode = 1
}
