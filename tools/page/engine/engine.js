// The entry of the engine: gives each cell of a page its buttons. Nothing big is fetched before a click.
import { Chapter } from './chapter.js'
import { Cell, style } from './cell.js'
import { json } from './store.js'

// mount prepares the cells of a page and returns them, by their place. A page may have an editor for them: editor() resolves to
// a module with the function create of the site's theme/editor.js. Until it is there, and without it, a text field does.
export async function mount(document, { editor } = {}) {
  const chapters = new Map(), cells = []
  let last = Promise.resolve() // cells run one after the other
  const notHere = await json('not-here.json').catch(() => ({})) // then it is said at the first click
  const queue = work => (last = last.then(work, work))
  for (const element of document.querySelectorAll('.cell[data-notebook]')) {
    const name = element.dataset.notebook
    if (!chapters.has(name)) chapters.set(name, new Chapter(name))
    cells.push(new Cell(element, chapters.get(name), queue, notHere[name]?.[Number(element.dataset.index) + 1], editor))
  }
  if (cells.length) style(document)
  // What charts with a slider call in the page.
  globalThis.gonb_comm = { send: (address, text) => chapters.forEach(c => c.send(address, text)) }
  return cells
}
