// Search in the whole course, without a server: search.js holds the text of every section.
const field = document.getElementById('search')
const found = document.getElementById('found')
const MOST = 20
let sections // [{page, chapter, anchor, title, text}, …], loaded when somebody wants to search

function load() {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script') // fetch does not read files
    script.src = 'search.js'
    script.onload = () => resolve(window.courseSections)
    script.onerror = reject
    document.head.append(script)
  })
}

// Sections that contain every word; those with a word in their title or the whole phrase come first.
function search(words) {
  const hits = [], phrase = words.join(' ')
  for (const section of sections) {
    const title = section.title.toLowerCase(), text = section.text.toLowerCase()
    if (!words.every(w => title.includes(w) || text.includes(w))) continue
    const score = words.reduce((sum, w) => sum + (title.includes(w) ? 100 : 0) + Math.min(text.split(w).length - 1, 20), 0)
      + (text.includes(phrase) ? 50 : 0)
    hits.push({ section, score })
  }
  return hits.sort((a, b) => b.score - a.score).slice(0, MOST).map(h => h.section)
}

// The chapter, and the text around the phrase, or else around one of its words.
function around({ chapter, text }, words) {
  const low = text.toLowerCase(), line = document.createElement('small'), mark = document.createElement('mark')
  const word = [words.join(' '), ...words].find(w => low.includes(w)) ?? ''
  const at = low.indexOf(word), end = at + word.length, start = Math.max(0, at - 40)
  mark.textContent = text.slice(at, end)
  line.append(`${chapter}: ${start ? '…' : ''}${text.slice(start, at)}`, mark, text.slice(end, end + 100) + '…')
  return line
}

function show(words) {
  found.hidden = words.length === 0
  if (found.hidden) return
  const items = search(words).map(section => {
    const item = document.createElement('li'), link = document.createElement('a')
    link.href = section.page + '#' + encodeURIComponent(section.anchor)
    link.textContent = section.title
    link.onclick = () => { found.hidden = true }
    item.append(link, around(section, words))
    return item
  })
  if (items.length === 0) items.push(Object.assign(document.createElement('li'), { textContent: 'Nothing found.' }))
  found.replaceChildren(...items)
}

field.addEventListener('input', async () => {
  sections ??= await load()
  show(field.value.toLowerCase().split(/\s+/).filter(Boolean))
})
field.addEventListener('keydown', e => {
  if (e.key === 'Escape') show([])
})
field.form.addEventListener('submit', e => {
  e.preventDefault()
  found.querySelector('a')?.click()
})

// On paper nothing is folded.
addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(d => { d.open = true }))

// A page that was opened as a file cannot compute; a frame would show that in a large empty box.
for (const frame of document.querySelectorAll('iframe[data-src]')) {
  if (location.protocol !== 'file:') frame.src = frame.dataset.src
  else frame.replaceWith(Object.assign(document.createElement('p'),
    { textContent: 'The playground begins here when the site is served, as make serve-site does on this computer.' }))
}
