// VitePress's settings. It makes the frame of each page: navigation, contents, search, dark mode. What is read in the
// frame comes from pages.mjs and is put into the finished HTML: Vue need not know the text of a chapter.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cover } from './cover.mjs'
import { licences, npm } from './licences.mjs'
import { withoutFormulas } from './markdown.mjs'
import { searched } from './pages.mjs'

export const BASE = '/__base__/' // finish.mjs replaces it: the folder may lie under any path

// The chapters as the side bar groups them, by the beginnings of their names.
const GROUPS = [
  ['Foundations', /^0[0-2]/], ['Optimization', /^03/], ['Models from nothing', /^04/], ['A project', /^05/],
  ['Pictures', /^06[ab]/], ['Texts', /^06[c-e]/], ['Beyond', /^0[789]/],
]

// tokenize splits a text into what is searched: words, and pairs of neighbours where there are no spaces, as in
// Chinese. It is sent to the browser as text, so it must not use anything outside of itself.
export function tokenize(text) {
  const found = []
  for (const word of text.match(/\p{sc=Han}+|(?:(?!\p{sc=Han})[\p{L}\p{N}\p{M}_])+/gu) ?? []) {
    if (!/\p{sc=Han}/u.test(word) || word.length === 1) found.push(word)
    else for (let i = 0; i + 1 < word.length; i++) found.push(word.slice(i, i + 2))
  }
  return found
}

const short = title => title.replace(/^Descent · /, '')

// settings makes the configuration for the pages; out is where the site goes, engine whether it has one.
export function settings({ all, rows, out, source, go, engine }) {
  const chapters = all.filter(p => p.chapter), documents = all.filter(p => !p.chapter)
  const item = p => ({ text: p.minutes ? `${short(p.title)} <span class="minutes">${p.minutes} min</span>` : short(p.title), link: `/${p.name}.html` })
  const grouped = GROUPS.map(([text, names]) => ({ text, items: chapters.filter(p => names.test(p.name)).map(item) })).filter(g => g.items.length)
  const missing = chapters.filter(p => !GROUPS.some(([, names]) => names.test(p.name)))
  if (missing.length) throw new Error(`the side bar has no group for ${missing.map(p => p.name)}: add one to GROUPS`)
  const packages = new Map()
  const bodies = new Map(all.map(p => [`${p.name}.md`, p.body]))
  bodies.set('index.md', cover(chapters))
  bodies.set('licences.md', '') // written when all is known that is shipped

  return {
    root: source, srcDir: source, outDir: out, cacheDir: join(source, '../cache'), base: BASE, lang: 'en', cleanUrls: false,
    title: 'Descent', titleTemplate: ':title · Descent', metaChunk: false,
    description: 'A course on training and optimising models, in Go: built from nothing, run and checked as you read.',
    router: { prefetchLinks: false },
    ignoreDeadLinks: true, // the browser's test follows every link in the finished pages
    head: [
      ['link', { rel: 'icon', href: `${BASE}icon.svg`, type: 'image/svg+xml' }],
      ['link', { rel: 'apple-touch-icon', href: `${BASE}icon-192.png` }],
      ['link', { rel: 'manifest', href: `${BASE}manifest.webmanifest` }],
      ['meta', { name: 'theme-color', content: '#ffffff', media: '(prefers-color-scheme: light)' }],
      ['meta', { name: 'theme-color', content: '#1b1b1f', media: '(prefers-color-scheme: dark)' }],
      ...engine ? [['meta', { name: 'engine', content: 'engine/engine.js' }]] : [],
    ],
    themeConfig: {
      siteTitle: 'Descent',
      logo: { src: '/icon.svg', alt: '', width: 24, height: 24 },
      nav: [
        { text: 'Course', link: `/${chapters[0].name}.html`, activeMatch: '/0' },
        { text: 'Playground', link: '/playground.html', target: '_self' },
        { text: 'Glossary', link: '/glossary.html' },
      ],
      sidebar: [...grouped, { text: 'To look things up', items: [...documents.map(item), { text: 'Playground', link: '/playground.html', target: '_self' }, { text: 'Licences', link: '/licences.html' }] }],
      outline: { level: [2, 3], label: 'In this chapter' },
      docFooter: { prev: 'Before', next: 'Next' },
      search: {
        provider: 'local',
        options: {
          detailedView: false,
          _render: (_, env) => {
            const page = all.find(p => `${p.name}.md` === env.relativePath)
            return page ? withoutFormulas(searched(page, rows)) : ''
          },
          miniSearch: {
            options: { tokenize },
            searchOptions: { combineWith: 'AND', fuzzy: 0.1, prefix: true, boost: { title: 4, text: 2, titles: 1 } },
          },
        },
      },
    },
    vite: {
      logLevel: 'warn',
      build: { chunkSizeWarningLimit: 4000 },
      plugins: [{
        name: 'descent:shipped',
        generateBundle(_, bundle) {
          for (const chunk of Object.values(bundle)) {
            for (const [id, { renderedLength }] of Object.entries(chunk.modules ?? {})) if (renderedLength) npm(id, packages)
          }
        },
      }],
    },
    transformHead: ({ page }) => bodies.get(page)?.includes('class="katex') ? [['link', { rel: 'stylesheet', href: `${BASE}katex/katex.min.css` }]] : [],
    transformHtml(html, _, { page }) {
      const body = page === 'licences.md' ? licences(packages, go, source) : bodies.get(page)
      // (A function, since $ means something in the text that replaces.)
      return body === undefined ? html : html.replace('<div class="chapter"></div>', () => `<div class="chapter">${body}</div>`)
    },
    shipped: packages,
  }
}

// stub is what VitePress knows of a page.
export function stub(page, { before, after, engine } = {}) {
  const link = p => p ? { text: short(p.title), link: `/${p.name}.html` } : false
  const front = { title: short(page.title), description: page.description, prev: link(before), next: link(after), pageClass: page.chapter ? `is-chapter${engine ? ' has-engine' : ''}` : 'is-document', ...page.front }
  return `---\n${JSON.stringify(front)}\n---\n<div class="chapter"></div>\n`
}
