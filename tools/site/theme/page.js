// What a page does once it is there: words that explain themselves, progress, what is kept for reading offline.

export function start(base) {
  glossary()
  progress()
  players()
  scrollable()
  search()
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(d => { d.open = true })) // on paper nothing is folded
  keep(base)
}

// A word of the glossary explains itself under the pointer, with the keyboard, or at a tap.
function glossary() {
  const bubble = Object.assign(document.createElement('div'), { id: 'says', role: 'tooltip', hidden: true })
  document.body.append(bubble)
  let shown
  const show = word => {
    shown?.removeAttribute('aria-describedby')
    shown = word
    bubble.hidden = !word
    if (!word) return
    bubble.textContent = word.dataset.says
    word.setAttribute('aria-describedby', 'says')
    const at = word.getBoundingClientRect(), width = bubble.offsetWidth
    bubble.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8)) + scrollX}px`
    const below = at.bottom + bubble.offsetHeight + 12 < innerHeight
    bubble.style.top = `${(below ? at.bottom + 6 : at.top - bubble.offsetHeight - 6) + scrollY}px`
  }
  const of = e => e.target.closest?.('a.term')
  document.addEventListener('pointerover', e => { if (e.pointerType !== 'touch' && of(e)) show(of(e)) })
  document.addEventListener('pointerout', e => { if (e.pointerType !== 'touch' && of(e) && !bubble.contains(e.relatedTarget)) show() })
  document.addEventListener('focusin', e => show(of(e)))
  document.addEventListener('keydown', e => { if (e.key === 'Escape') show() })
  // The first tap explains, the second one leads to the glossary.
  let touch = false
  document.addEventListener('pointerdown', e => {
    touch = e.pointerType === 'touch'
    if (touch && !of(e)) show()
  })
  let tapped
  window.addEventListener('click', e => {
    const word = of(e)
    if (word && touch && tapped !== word) {
      e.preventDefault()
      e.stopImmediatePropagation()
      show(word)
    }
    tapped = word
  }, { capture: true })
}

const KEY = 'descent.read'
export const read = () => { try { return JSON.parse(localStorage[KEY] ?? '{}') } catch { return {} } }

// Of each chapter the share that has been on the screen, in this browser alone.
function progress() {
  const done = read(), name = location.pathname.split('/').pop().replace(/\.html$/, '')
  for (const link of document.querySelectorAll('.VPSidebarItem a[href]')) {
    const share = done[link.getAttribute('href').split('/').pop().replace(/\.html$/, '')]?.share
    if (share) link.dataset.read = share >= 95 ? 'all' : 'some'
  }
  for (const card of document.querySelectorAll('.card[data-chapter]')) {
    const share = done[card.dataset.chapter]?.share, bar = card.querySelector('progress')
    if (!share) continue
    bar.hidden = false
    bar.value = share
    bar.textContent = `${share} %`
  }
  const begin = document.getElementById('begin')
  const last = Object.entries(done).filter(([, c]) => c.share < 95).sort((a, b) => b[1].at - a[1].at)[0]
  if (begin && last) {
    const card = document.querySelector(`.card[data-chapter="${CSS.escape(last[0])}"]`)
    if (card) {
      begin.href = `${last[0]}.html${last[1].anchor ? `#${encodeURIComponent(last[1].anchor)}` : ''}`
      begin.textContent = `Go on with ${card.querySelector('.number').textContent} ${card.querySelector('.title').textContent}`
    }
  }
  const sections = [...document.querySelectorAll('.is-chapter .chapter :is(h2, h3)')]
  if (!sections.length) return
  const seen = new IntersectionObserver(entries => {
    const passed = entries.filter(e => e.isIntersecting).map(e => sections.indexOf(e.target))
    if (!passed.length) return
    const at = Math.max(...passed), all = read(), before = all[name]?.share ?? 0
    all[name] = { share: Math.max(before, Math.round(100 * (at + 1) / sections.length)), anchor: sections[at].id, at: Date.now() }
    try { localStorage[KEY] = JSON.stringify(all) } catch { /* a full or forbidden store loses nothing but this */ }
  })
  sections.forEach(s => seen.observe(s))
}

// The pictures of a player are fetched when it comes near, so that its slider does not wait for them.
function players() {
  const near = new IntersectionObserver(entries => {
    for (const { target } of entries.filter(e => e.isIntersecting)) {
      near.unobserve(target)
      for (const frame of JSON.parse(target.dataset.frames)) new Image().src = frame
    }
  }, { rootMargin: '300px' })
  document.querySelectorAll('figure[data-frames]').forEach(p => near.observe(p))
}

// What scrolls inside itself can be reached by keys, and what does not is not in their way.
function scrollable() {
  const all = document.querySelectorAll('.chapter :is(pre, .table, .katex-display)')
  const look = new ResizeObserver(entries => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight + 1) target.tabIndex = 0
      else target.removeAttribute('tabindex')
    }
  })
  all.forEach(e => look.observe(e))
}

// To a screen reader the button of the search is all that stands on it, and the search a dialogue.
function search() {
  const button = document.querySelector('.DocSearch-Button'), wide = matchMedia('(min-width: 768px)') // where it has words
  const name = () => wide.matches ? button?.removeAttribute('aria-label') : button?.setAttribute('aria-label', 'Search')
  wide.addEventListener('change', name)
  name()
  new MutationObserver(() => {
    const box = document.querySelector('.VPLocalSearchBox[role=button]')
    if (!box) return
    for (const name of ['aria-owns', 'aria-expanded', 'aria-haspopup', 'aria-labelledby']) box.removeAttribute(name)
    box.setAttribute('role', 'dialog')
    box.setAttribute('aria-modal', 'true')
    box.setAttribute('aria-label', 'Search')
    for (const key of box.querySelectorAll('kbd[aria-label]')) key.setAttribute('role', 'img')
  }).observe(document.body, { childList: true })
}

// Pages that were visited are kept, where the browser allows it: on https and on this computer.
async function keep(base) {
  if (!('serviceWorker' in navigator)) {
    if (isSecureContext || location.protocol !== 'http:') return
    const note = Object.assign(document.createElement('p'), { className: 'not-kept', textContent: 'Over http a browser keeps no pages for reading offline. Over https it does.' })
    document.querySelector('main .chapter')?.append(note)
    return
  }
  await navigator.serviceWorker.register(`${base}sw.js`, { scope: base })
  const { active } = await navigator.serviceWorker.ready
  // What was asked for before the worker had the page, also what is still on its way.
  let control = navigator.serviceWorker.controller ? 0 : Infinity
  navigator.serviceWorker.addEventListener('controllerchange', () => { control = Math.min(control, performance.now()) })
  active.postMessage([location.href.split('#')[0]])
  new PerformanceObserver(list => active.postMessage(list.getEntries().filter(r => r.startTime < control).map(r => r.name)))
    .observe({ type: 'resource', buffered: true })
}
