// What the site needs beyond the pages: addresses that hold under any path, pictures, fonts, the playground.
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BASE } from './config.mjs'
import { bill } from './licences.mjs'

// relativePage makes addresses of a page relative. Its scripts learn from siteBase where the folder is.
export function relativePage(html) {
  return html
    .replaceAll(`="${BASE}`, '="./').replaceAll('___base___', '')
    .replace('<meta charset="utf-8">', '<meta charset="utf-8">\n    <script>siteBase=new URL(".",location.href).pathname</script>')
    .replace(/JSON\.parse\(("(?:\\.|[^"\\])*")\)/g, (all, text) => text.includes(BASE) ? `JSON.parse(${text}.replaceAll(${JSON.stringify(BASE)},siteBase))` : all)
}

// relativeScript does the same for a script of Vite's: every text that holds the base must be one of these.
export function relativeScript(js, name) {
  const whole = /^(const \w+=)('|`)([\s\S]*)\2(;export\{\w+ as default\};?\s*)$/.exec(js) // the index of the search
  if (whole) return `${whole[1]}${whole[2]}${whole[3]}${whole[2]}.replaceAll(${JSON.stringify(BASE)},siteBase)${whole[4]}`
  const changed = js
    .replace(/(["'])\/__base__\/((?:\\.|(?!\1)[^\\\n])*)\1/g, (all, quote, rest) => `(siteBase+${quote}${rest}${quote})`)
    .replace(/`\/__base__\//g, '`${siteBase}')
  if (changed.includes(BASE)) throw new Error(`${name} holds ${BASE} in a way that finish.mjs does not know: ${changed.slice(changed.indexOf(BASE) - 100, changed.indexOf(BASE) + 60)}`)
  return changed
}

// relativeStyle: style sheets lie in assets/, beside their fonts.
const relativeStyle = css => css.replaceAll(`${BASE}assets/`, './').replaceAll(BASE, '../')

export function finish({ root, out, parts, tools, pictures, go, packages, engine }) {
  rmSync(join(out, 'hashmap.json'), { force: true })
  for (const [name, bytes] of pictures.files) {
    mkdirSync(dirname(join(out, name)), { recursive: true })
    writeFileSync(join(out, name), bytes)
  }

  const assets = join(out, 'assets')
  for (const name of readdirSync(assets, { recursive: true }).map(String)) {
    const file = join(assets, name)
    if (name.endsWith('.js')) writeFileSync(file, relativeScript(readFileSync(file, 'utf8'), name))
    if (name.endsWith('.css')) writeFileSync(file, relativeStyle(readFileSync(file, 'utf8')))
  }
  const icons = join(out, 'vp-icons.css') // of social networks, of which there are none here
  if (readFileSync(icons, 'utf8') !== '') throw new Error('VitePress has written icons, which the pages do not ask for')
  rmSync(icons)
  for (const name of readdirSync(out).filter(f => f.endsWith('.html') && f !== '404.html')) {
    const html = readFileSync(join(out, name), 'utf8').replace(/ *<link rel="preload stylesheet" href="[^"]*vp-icons.css" as="style">\n/, '')
    writeFileSync(join(out, name), relativePage(html))
  }
  copyFileSync(join(tools, 'public/404.html'), join(out, '404.html')) // VitePress writes one that knows its path

  // KaTeX's style sheet with the one format of its fonts that every browser reads.
  const katex = join(tools, 'node_modules/katex')
  mkdirSync(join(out, 'katex/fonts'), { recursive: true })
  const css = readFileSync(join(katex, 'dist/katex.min.css'), 'utf8').replace(/,url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)/g, '').replaceAll('font-display:block', 'font-display:swap')
  writeFileSync(join(out, 'katex/katex.min.css'), css)
  for (const font of readdirSync(join(katex, 'dist/fonts')).filter(f => f.endsWith('.woff2'))) copyFileSync(join(katex, 'dist/fonts', font), join(out, 'katex/fonts', font))
  const { version, license } = JSON.parse(readFileSync(join(katex, 'package.json'), 'utf8'))
  packages.set('katex', { name: 'katex', version, license, folder: katex })
  writeFileSync(join(out, 'bom.cdx.json'), JSON.stringify(bill(packages, go), null, 1) + '\n')

  // The playground: its page, the program that computes for it, and Go's file that starts such programs.
  const page = join(root, 'course/playground/page')
  for (const name of readdirSync(page).filter(f => !f.endsWith('.txt'))) copyFileSync(join(page, name), join(out, name)) // the addresses are for the tests
  for (const name of ['wasm_exec.js', 'licences.txt']) copyFileSync(join(parts, 'playground', name), join(out, name))
  writeFileSync(join(out, 'playground.wasm.gz'), gzip(readFileSync(join(parts, 'playground/playground.wasm'))))

  // What is kept from the first visit on: the cover, and what every page needs. The editor is kept when it was asked for.
  const chunks = readdirSync(assets, { recursive: true }).map(String).filter(f => /^(app\.|style\.|index\.md\..*lean|chunks[/\\](?!editor\.))/.test(f)).map(f => `assets/${f.replaceAll('\\', '/')}`)
  const worker = readFileSync(join(out, 'sw.js'), 'utf8'), first = ['./', 'icon.svg', 'manifest.webmanifest', 'katex/katex.min.css', ...chunks.sort()]
  if (!worker.includes('const FIRST = []')) throw new Error('sw.js has no place for what is kept first')
  writeFileSync(join(out, 'sw.js'), worker.replace('const FIRST = []', `const FIRST = ${JSON.stringify(first)}`))
  if (engine) cpSync(engine, join(out, 'engine'), { recursive: true })
}

// gzip compresses without the time, so that the same bytes become the same file.
function gzip(bytes) {
  const packed = gzipSync(bytes, { level: 9 })
  packed.fill(0, 4, 8)
  return packed
}
