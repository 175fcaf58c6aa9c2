// The site's settings. Its pages are the files of docs/, copied and completed by scripts/lib/site.mjs into `.pages`.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'

const read = (path) => JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8'))
const { version, description } = read('../../package.json')

const page = (text, link) => ({ text, link })

export default defineConfig({
  title: 'truecrop',
  description,
  lang: 'en',
  srcDir: '.pages',
  outDir: '../target/site',
  cacheDir: '../target/site-cache',
  cleanUrls: true,
  // a link that leads nowhere ends the build
  ignoreDeadLinks: false,
  head: [['link', { rel: 'icon', href: '/icon.svg', type: 'image/svg+xml' }]],
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === 'true-crop' } } },
  themeConfig: {
    logo: '/icon.svg',
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [page('Start', '/package'), page('Playground', '/playground'), page('Element', '/element'), page('Server', '/server')],
    sidebar: [
      {
        text: 'Start',
        items: [page('Install', '/package'), page('Playground', '/playground'), page('The element', '/element')],
      },
      { text: 'Reference', items: read('../.pages/reference.json') },
      { text: 'Guides', items: read('../.pages/guides.json') },
      { text: 'Examples', collapsed: true, items: read('../.pages/examples.json') },
      { text: 'Behind your cropper', collapsed: true, items: read('../.pages/croppers.json') },
      { text: 'Bundlers and runtimes', collapsed: true, items: read('../.pages/bundlers.json') },
      { text: 'About', items: [page(`Changes (${version})`, '/changelog'), page('Security', '/security')] },
    ],
    footer: { message: 'MIT or Apache-2.0, as you like.' },
  },
})
