// What commands write into documents.
import { readFileSync, writeFileSync } from 'node:fs'

// fill puts a text between <!-- MARK --> and <!-- end --> in a file.
export function fill(file, mark, text) {
  const begin = `<!-- ${mark} -->\n`, old = readFileSync(file, 'utf8'), from = old.indexOf(begin), to = old.indexOf('<!-- end -->', from)
  if (from < 0 || to < 0) throw new Error(`${file} has no place for it: write "${begin.trim()}" and "<!-- end -->" where it shall stand`)
  writeFileSync(file, `${old.slice(0, from)}${begin}\n${text}\n\n${old.slice(to)}`)
  console.log(`it is in ${file}`)
}
