// VitePress's theme with the course's own style; each link opens a whole page, since the text of a chapter is not in Vue.
import DefaultTheme from 'vitepress/theme-without-fonts'
import { onMounted } from 'vue'
import './style.css'

const base = () => new URL('.', location.href).pathname

export default {
  extends: DefaultTheme,
  enhanceApp({ router }) {
    if (import.meta.env.SSR) return
    const here = location.pathname
    const same = href => new URL(href, location.href).pathname.replace(/index(\.html)?$/, '') === here.replace(/index(\.html)?$/, '')
    let opened = false
    router.onBeforeRouteChange = href => {
      if (same(href)) return
      location.assign(href)
      return false
    }
    // Going back to another place of the same page must not make the page again.
    router.onBeforePageLoad = () => {
      if (!opened) {
        opened = true
        return
      }
      return false
    }
  },
  setup() {
    onMounted(async () => {
      const { start } = await import('./page.js')
      start(base())
      if (document.getElementById('walk')) (await import('./walk.js')).start()
      const engine = document.querySelector('meta[name=engine]')
      if (engine && document.querySelector('.cell')) {
        const address = new URL(engine.content, location.href).href
        const idle = window.requestIdleCallback ?? setTimeout
        idle(() => import(/* @vite-ignore */ address).then(e => e.mount(document, { editor: () => import('./editor.js') })))
      }
    })
  },
}
