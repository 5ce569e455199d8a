// How a page shows a picture, stored or fresh. It follows light and dark: 'drawing' is an SVG of a chart, which knows the colours
// of both, 'chart' is made of pixels and is inverted in the dark, 'picture' stays as it is.

const escape = s => String(s).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

// picture is its HTML. about is what the cell says of it: width and height, the title, and the panels of a grid. Panels
// that are beside one another are shown one below the other too, as parts of the same file, where the screen is narrow.
export function picture(kind, src, alt, about = {}) {
  const { width, height } = about, panels = parts(about.panels)
  const img = (alt, style) => `<img class="${kind}" src="${escape(src)}" alt="${escape(alt)}"${style} loading="lazy" decoding="async">`
  const whole = img(alt, width ? ` width="${width}" height="${height}"` : '')
  if (!width || new Set(panels.map(p => p[0])).size < 2) return whole
  const percent = x => `${+(100 * x).toFixed(3)}%`
  const cut = panels.map(([x, y, w, h]) => `<span style="width:${w}px;aspect-ratio:${w}/${h}">${
    img('', ` style="width:${percent(width / w)};left:${percent(-x / w)};top:${percent(-y / h)}"`)}</span>`)
  const title = about.title ? `<b>${escape(about.title)}</b>` : ''
  return `<div class="whole">${whole}</div><div class="panels ${kind}" role="img" aria-label="${escape(alt)}">${title}${cut.join('')}</div>`
}

// parts reads "x y width height, …".
const parts = text => (text ?? '').split(',').map(p => p.trim().split(' ').map(Number)).filter(p => p.length === 4)

// called is the text alternative where the caption has the description, which nobody wants to hear twice.
export const called = title => title ? `Chart: ${title}` : 'Chart, described by its caption'
