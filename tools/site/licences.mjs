// What the site ships of others: a page with the licences, and a list for programs.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { escape } from './highlight.mjs'

// Of the Go modules in what runs in a page; a new one must be looked at before it is added.
const GO_LICENCES = {
  std: 'BSD-3-Clause', 'golang.org/x/image': 'BSD-3-Clause', 'golang.org/x/text': 'BSD-3-Clause', 'golang.org/x/tools': 'BSD-3-Clause',
  'gonum.org/v1/gonum': 'BSD-3-Clause', 'gonum.org/v1/plot': 'BSD-3-Clause', 'codeberg.org/go-latex/latex': 'BSD-3-Clause',
  'codeberg.org/go-fonts/liberation': 'BSD-3-Clause AND OFL-1.1', // the package, and the fonts in it
  'codeberg.org/go-pdf/fpdf': 'MIT', 'git.sr.ht/~sbinet/gg': 'MIT', 'github.com/clipperhouse/uax29/v2': 'MIT',
  'github.com/ajstarks/svgo': 'CC-BY-4.0', 'github.com/golang/freetype': 'FTL', // of the two between which it lets one choose
}

// npm notes the package of a bundled module.
export function npm(id, packages) {
  const folder = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
  if (!folder || !existsSync(join(folder, 'package.json'))) return
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (name && version && !packages.has(name)) packages.set(name, { name, version, license, folder })
}

// goModules reads what site.sh has listed of a program: "std 1.26.8", then "path version".
export function goModules(list) {
  return list.split('\n').filter(Boolean).map(line => {
    const [name, version] = line.split(' ')
    if (!GO_LICENCES[name]) throw new Error(`the licence of ${name} has not been looked at: add it to GO_LICENCES`)
    return { name, version, license: GO_LICENCES[name] }
  })
}

function text(folder) {
  const file = folder && readdirSync(folder).find(f => /^licen[cs]e/i.test(f))
  return file ? readFileSync(join(folder, file), 'utf8') : ''
}

// licences returns the page.
export function licences(packages, go) {
  const parts = [...[...packages.values()].sort((a, b) => a.name < b.name ? -1 : 1), ...go.modules]
  const rows = parts.map(p => `<tr><td>${escape(p.name)}</td><td>${escape(p.version)}</td><td>${escape(p.license)}</td></tr>`).join('\n')
  const texts = [...packages.values()].map(p => [p.name, text(p.folder)]).filter(([, t]) => t)
  const fold = ([name, t]) => `<details><summary>${escape(name)}</summary><pre class="listing" tabindex="0">${escape(t.trim())}</pre></details>`
  return `<h1 id="licences">Licences</h1>
<p>The code of Descent is under the MIT licence, the text and the pictures of the course under <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>.
Each dataset keeps its own licence, which the course names where it uses it. These pages also contain work of others:</p>
<div class="table" tabindex="0"><table><thead><tr><th>part</th><th>version</th><th>licence</th></tr></thead><tbody>
${rows}
</tbody></table></div>
<p>Programs find the same list in <a href="bom.cdx.json">bom.cdx.json</a>, in CycloneDX's form.</p>
<h2 id="texts">Their texts</h2>
${texts.map(fold).join('\n')}
${go.texts.map(fold).join('\n')}`
}

// bill returns the list in CycloneDX's form.
export function bill(packages, go) {
  const component = (p, purl) => ({ type: 'library', 'bom-ref': purl, name: p.name, version: p.version, purl, licenses: [/ /.test(p.license) ? { expression: p.license } : { license: { id: p.license } }] })
  const components = [...[...packages.values()].sort((a, b) => a.name < b.name ? -1 : 1).map(p => component(p, `pkg:npm/${p.name.replace('@', '%40')}@${p.version}`)),
    ...go.modules.map(p => component(p, `pkg:golang/${p.name}@${p.version}`))]
  return {
    bomFormat: 'CycloneDX', specVersion: '1.5', version: 1,
    metadata: { component: { type: 'application', 'bom-ref': 'descent-site', name: 'descent-site', licenses: [{ expression: 'MIT AND BSD-3-Clause AND CC-BY-4.0' }] } },
    components,
    dependencies: [{ ref: 'descent-site', dependsOn: components.map(c => c['bom-ref']) }],
  }
}
