// The editor of a cell, CodeMirror, in the place of a plain text field. The page loads it when a reader begins to edit.
import { defaultKeymap, history, historyKeymap, indentLess, insertNewlineAndIndent, insertTab } from '@codemirror/commands'
import { goLanguage } from '@codemirror/lang-go'
import { bracketMatching, forceParsing, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { EditorState, StateEffect, StateField } from '@codemirror/state'
import { Decoration, EditorView, WidgetType, keymap, lineNumbers } from '@codemirror/view'
import { tagHighlighter, tags } from '@lezer/highlight'

// The classes are those of highlight.mjs, so that a cell keeps its colours when it is opened.
const colours = tagHighlighter([
  { tag: tags.comment, class: 'c' },
  { tag: [tags.string, tags.character], class: 's' },
  { tag: [tags.number, tags.bool, tags.null], class: 'n' },
  { tag: tags.keyword, class: 'k' },
  { tag: tags.typeName, class: 't' },
  { tag: tags.function(tags.definition(tags.variableName)), class: 'f' },
])

// What the compiler says of a line stands below that line, until the line is changed.
class Message extends WidgetType {
  constructor(text) {
    super()
    this.text = text
  }

  eq(other) { return other.text === this.text }

  toDOM() { return Object.assign(document.createElement('div'), { className: 'cm-mistake', textContent: this.text }) }
}

const setMistakes = StateEffect.define()
const mistakes = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const e of transaction.effects) if (e.is(setMistakes)) return e.value
    if (!transaction.docChanged) return marks
    const touched = new Set()
    transaction.changes.iterChangedRanges((from, to) => {
      const { doc } = transaction.startState
      for (let n = doc.lineAt(from).number; n <= doc.lineAt(to).number; n++) touched.add(n)
    })
    const kept = marks.update({ filter: from => !touched.has(transaction.startState.doc.lineAt(from).number) })
    return kept.map(transaction.changes)
  },
  provide: field => EditorView.decorations.from(field),
})

const theme = EditorView.theme({
  '&': { border: '1px solid var(--vp-c-divider)', borderRadius: '8px', background: 'var(--vp-c-bg-soft)', color: 'var(--vp-c-text-1)' },
  '&.cm-focused': { outline: '2px solid var(--vp-c-brand-1)', outlineOffset: '1px' },
  '.cm-scroller': { font: '.84rem/1.55 var(--vp-font-family-mono)', overflow: 'auto' },
  '.cm-content': { padding: '.8rem 0', caretColor: 'var(--vp-c-text-1)', minWidth: 0 },
  '.cm-line': { padding: '0 1rem 0 .6rem' },
  '.cm-gutters': { background: 'transparent', color: 'var(--vp-c-text-3)', border: 0 },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 .3rem 0 .6rem', minWidth: '2rem' },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--vp-c-brand-soft)', outline: '1px solid var(--vp-c-brand-1)' },
  '&.cm-focused .cm-nonmatchingBracket': { background: 'transparent', outline: '1px solid var(--wrong)' },
  '.cm-wrong': { background: 'color-mix(in srgb, var(--wrong) 12%, transparent)' },
  '.cm-mistake': { padding: '.1rem 1rem .3rem .6rem', borderLeft: '3px solid var(--wrong)', color: 'var(--wrong)', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
})

// create puts an editor into an element: {text, selection: [from, to], label, changed(), run()}. What it returns is used like a
// text field, with mark to show mistakes: [{line, text}], where the first line is 1.
export function create(parent, { text, selection: [anchor, head], label, changed, run }) {
  const execute = () => {
    run()
    return true
  }
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      selection: { anchor, head },
      extensions: [
        lineNumbers(), history(), bracketMatching(), indentOnInput(), EditorView.lineWrapping, mistakes, theme,
        goLanguage, syntaxHighlighting(colours), indentUnit.of('\t'), EditorState.tabSize.of(matchMedia('(max-width: 640px)').matches ? 2 : 4),
        EditorView.contentAttributes.of({
          'aria-label': label, 'aria-description': 'Shift+Enter runs the cell. Tab indents; Escape, then Tab leaves the editor.',
          autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false',
        }),
        EditorView.updateListener.of(update => { if (update.docChanged) changed() }),
        keymap.of([
          { key: 'Shift-Enter', run: execute }, { key: 'Ctrl-Enter', run: execute }, { key: 'Cmd-Enter', run: execute },
          { key: 'Enter', run: insertNewlineAndIndent }, { key: 'Tab', run: insertTab, shift: indentLess },
          { key: 'Escape', run: view => (view.setTabFocusMode(60_000), true) }, // the next key, if it is Tab, leaves the editor
          ...historyKeymap, ...defaultKeymap,
        ]),
      ],
    }),
  })
  // A cell is short: it need not wait for its colours, nor a bracket for its partner.
  forceParsing(view, view.state.doc.length, 200)
  view.dispatch({ selection: view.state.selection })
  return {
    get value() { return view.state.doc.toString() },
    set value(text) { view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }) },
    focus() { view.focus() },
    remove() { view.destroy() },
    mark(list) {
      const { doc } = view.state, marks = []
      for (const { line, text } of list) {
        if (line < 1 || line > doc.lines) continue
        const at = doc.line(line)
        marks.push(Decoration.line({ class: 'cm-wrong' }).range(at.from), Decoration.widget({ widget: new Message(text), block: true, side: 1 }).range(at.to))
      }
      view.dispatch({ effects: setMistakes.of(Decoration.set(marks, true)) })
    },
  }
}
