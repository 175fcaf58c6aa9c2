// The blocks of the npm page (docs/PACKAGE.md) as applications: what somebody has who reads nothing else.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { blocksOf } from './docs-blocks.mjs'
import { Refusal, root } from './run.mjs'

const PAGE = 'docs/PACKAGE.md'

function block(language, begins) {
  const blocks = blocksOf(PAGE, readFileSync(join(root, PAGE), 'utf8'))
  const found = blocks.find((each) => each.language === language && each.code.startsWith(begins))
  if (!found) throw new Refusal(`${PAGE} has no block of ${language} that begins with ${begins}`)
  return found.code
}

function write(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** The first form, with the script for pages without a bundler, and the back end. */
export function plainApplication(folder) {
  const text = readFileSync(join(root, PAGE), 'utf8')
  const [, script] = /`(<script type="module" src="\/truecrop\/[^`]+<\/script>)`/.exec(text) ?? []
  if (!script) throw new Refusal(`${PAGE} shows no script for pages without a bundler.`)
  const [form] = block('html', '<form').split('<script')
  write(folder, {
    'public/index.html': `${form}${script}\n`,
    'server.js': block('js', '// server.js'),
    'package.json': JSON.stringify({ type: 'module', scripts: { start: 'node server.js' }, dependencies: { express: '5.1.0' } }),
  })
}

/** The component, in a project of Vite, and the same back end. */
export function reactApplication(folder) {
  for (const name of ['package.json', 'vite.config.js', 'index.html']) {
    cpSync(join(root, 'examples/react', name), join(folder, name))
  }
  const main = `import { createRoot } from 'react-dom/client'
import { Avatar } from './Avatar.jsx'

createRoot(document.getElementById('app')).render(<Avatar />)
`
  write(folder, {
    'src/main.jsx': main,
    'src/Avatar.jsx': block('jsx', "import { useState } from 'react'"),
    'server.js': block('js', '// server.js').replace("'public'", "'dist'"),
  })
}
