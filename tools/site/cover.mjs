// The cover: a surface with optimizers that walk down it, and the chapters.
import { escape } from './highlight.mjs'

export function cover(chapters) {
  const card = p => `<li><a class="card" href="${p.name}.html" data-chapter="${p.name}"><span class="number">${p.number}</span>
<span class="title">${escape(p.title.replace(/^(\w+|Descent) · /, ''))}</span><span class="minutes">${p.minutes} min${p.exercises ? ` · ${p.exercises} exercises` : ''}</span>
<progress max="100" value="0" aria-label="Read of this chapter" hidden></progress></a></li>`
  const hours = Math.round(chapters.reduce((sum, p) => sum + p.minutes, 0) / 60)
  return `<main class="vp-doc"><div class="cover">
<div class="hero">
<div class="words">
<h1 id="descent">Learn how models learn</h1>
<p>Training a model is walking downhill on a surface that nobody sees. Here is one that you can see. <strong>Drag the ring</strong>, and three optimizers start from there.</p>
<p class="actions"><a class="begin" id="begin" href="${chapters[0].name}.html">Begin the course</a> <a class="other" href="playground.html">Open the playground</a></p>
<p class="promise">You build gradient descent, momentum and Adam from nothing, in Go, let them succeed and fail on real data, and check every formula.
${chapters.length} chapters, ${hours} hours, and nothing to install: every cell runs in its page, and can be changed there.</p>
</div>
<figure class="walk" id="walk">
<div class="surface"><canvas class="ground" width="600" height="450" aria-hidden="true"></canvas><canvas class="paths" role="img" aria-label="A map of a surface with four valleys. Three paths lead downhill from the ring."></canvas>
<button class="ring" type="button" aria-label="Start of the walk. Move it with the arrow keys" aria-describedby="walk-says"></button></div>
<figcaption><button class="play" type="button">Pause</button><span class="legend"><span class="gd">gradient descent</span> <span class="momentum">momentum</span> <span class="adam">Adam</span></span>
<span id="walk-says" role="status">step 0</span></figcaption>
</figure>
</div>
<h2 id="chapters">Chapters</h2>
<ol class="cards">
${chapters.map(card).join('\n')}
</ol>
</div></main>`
}
