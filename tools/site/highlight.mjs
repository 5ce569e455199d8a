// Colours for Go: the source as HTML, in which the text is the source to the letter.

const KEYWORDS = 'break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var'
const TYPES = 'any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr'
const VALUES = 'true false iota nil'

const words = list => list.replaceAll(' ', '|')
const TOKEN = new RegExp([
  String.raw`(?<c>//[^\n]*|/\*[\s\S]*?\*/)`,
  String.raw`(?<s>"(?:\\.|[^"\\\n])*"|${'`[^`]*`'}|'(?:\\.|[^'\\\n])+')`,
  String.raw`(?<n>\b(?:0[xX][\da-fA-F_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?)\b|\b(?:${words(VALUES)})\b)`,
  String.raw`(?<k>\b(?:${words(KEYWORDS)})\b|^[%!][^\n]*)`,
  String.raw`(?<t>\b(?:${words(TYPES)})\b)`,
  String.raw`(?<f>(?<=\bfunc )\w+)`,
].join('|'), 'gm')

export const escape = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

// A line longer than this may be broken on a small screen: what follows is then indented further than its beginning.
const LONG = 40

// layOut returns the HTML of coloured pieces of code, [class or '', text], with each long line as an element.
function layOut(pieces) {
  const lines = [['', '']] // [HTML, text]
  for (const [kind, text] of pieces) {
    text.split('\n').forEach((part, i) => {
      if (i) lines.push(['', ''])
      const line = lines.at(-1)
      line[0] += part && kind ? `<span class="${kind}">${escape(part)}</span>` : escape(part)
      line[1] += part
    })
  }
  return lines.map(([html, text], i) => {
    const tabs = /^\t*/.exec(text)[0].length, end = i < lines.length - 1 ? '\n' : ''
    return text.length + 3 * tabs > LONG ? `<span class="long" style="--tabs: ${tabs}">${html}${end}</span>` : html + end
  }).join('')
}

// go returns the HTML of Go code, with classes c, s, n, k, t, f for comment, string, number, keyword, type, function.
export function go(source) {
  const pieces = []
  let end = 0
  for (const found of source.matchAll(TOKEN)) {
    pieces.push(['', source.slice(end, found.index)], Object.entries(found.groups).find(([, v]) => v !== undefined))
    end = found.index + found[0].length
  }
  return layOut([...pieces, ['', source.slice(end)]])
}

export const code = (source, language) => /^go(lang)?$/.test(language) ? go(source) : layOut([['', source]])
