// Keeps the pages that were visited, so that they can be read without a network.
// What is named by its content comes from the cache, all else from the network as long as there is one.
const CACHE = 'descent-pages-1'
const FOR_EVER = /\/(assets|figures)\/|-[0-9a-f]{8,}\./
const FIRST = [] // written by finish.mjs: the cover, and what every page needs

addEventListener('install', e => {
  e.waitUntil(caches.open(CACHE).then(cache => cache.addAll(FIRST)).then(() => skipWaiting()))
})
addEventListener('activate', e => {
  e.waitUntil(clients.claim())
})
// A page tells what it has loaded before the worker was there.
addEventListener('message', e => {
  const mine = e.data.filter(address => address.startsWith(registration.scope))
  e.waitUntil(caches.open(CACHE).then(cache => Promise.all(mine.map(async address => {
    if (!await cache.match(address)) await cache.add(address).catch(() => {}) // a full disk, or gone meanwhile
  }))))
})

async function keep(request, response) {
  if (response.ok && response.type === 'basic') {
    const cache = await caches.open(CACHE)
    await cache.put(request, response).catch(() => {}) // a full disk
  }
}

async function answer(e) {
  const { request } = e, cache = await caches.open(CACHE)
  const kept = () => cache.match(request, { ignoreSearch: true, ignoreVary: true })
  if (FOR_EVER.test(new URL(request.url).pathname)) {
    const known = await kept()
    if (known) return known
  }
  try {
    const fresh = await fetch(request)
    e.waitUntil(keep(request, fresh.clone()))
    return fresh
  } catch (problem) {
    const known = await kept()
    if (known) return known
    if (request.mode !== 'navigate') throw problem
    return new Response(`<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Offline · Descent</title><body style="max-width:40rem;margin:15vh auto;padding:0 24px;font:1.1rem/1.6 system-ui"><main><h1>This page is not kept on this device</h1>
<p>There is no network, and only pages that you have opened before are kept. <a href="${registration.scope}">The cover</a> is.</p></main></body></html>`,
      { status: 503, headers: { 'Content-Type': 'text/html; charset=utf-8' } })
  }
}

addEventListener('fetch', e => {
  const { request } = e
  if (request.method !== 'GET' || request.cache === 'no-store' || !request.url.startsWith(registration.scope) || request.headers.has('range')) return
  e.respondWith(answer(e))
})
