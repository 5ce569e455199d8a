// Renders formulas: reads [[TeX, display], …] as JSON from stdin and writes the HTML of each, or {error}.
//
//   node math.mjs KATEX < formulas.json
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const { default: katex } = await import(pathToFileURL(process.argv[2]))

function render([tex, displayMode]) {
  try {
    return katex.renderToString(tex, { displayMode, strict: 'ignore', output: 'htmlAndMathml' })
  } catch (e) {
    return { error: e.message }
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(render)))
