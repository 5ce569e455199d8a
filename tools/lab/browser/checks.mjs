// Checks with names: each says how it went and how long it took, and one that fails does not end the others. The
// process ends with 1 if one failed; ONLY=a regular expression chooses some by their names.
export const faults = []
export const want = (ok, what) => { if (!ok) faults.push(what) }
export const has = (text, part) => want((text ?? '').includes(part), `no ${JSON.stringify(part)} in ${JSON.stringify((text ?? '').slice(0, 600))}`)

export async function check(name, f) {
  if (!new RegExp(process.env.ONLY ?? '').test(name)) return
  const begun = Date.now()
  try {
    await f()
  } catch (e) {
    faults.push(e.stack)
  }
  console.log(`${faults.length ? 'FAIL' : 'ok  '}  ${name} (${Math.round((Date.now() - begun) / 1000)} s)`)
  for (const fault of new Set(faults.splice(0))) {
    process.exitCode = 1
    console.log(`  ${fault}`)
  }
}
