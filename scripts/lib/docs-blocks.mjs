// The fenced code blocks of a page in Markdown.

/**
 * @param {string} page its path, for messages
 * @param {string} text
 * @returns {{ page: string, line: number, language: string, ignored: boolean, code: string }[]} `line` is the fence's, from 1; `ignored` where
 * the info string says so, as in "```ts ignore"
 */
export function blocksOf(page, text) {
  const blocks = []
  let open
  text.split('\n').forEach((row, index) => {
    const [, indent, fence, info] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(row) ?? []
    if (open && fence?.startsWith(open.fence) && info.trim() === '') {
      blocks.push(blockOf(page, open))
      open = undefined
    } else if (open) {
      open.lines.push(row.startsWith(open.indent) ? row.slice(open.indent.length) : row.trimStart())
    } else if (fence) {
      open = { line: index + 1, indent, fence, info: info.trim(), lines: [] }
    }
  })
  if (open) throw new Error(`${page}:${open.line}: this block has no end`)
  return blocks
}

function blockOf(page, { line, info, lines }) {
  const [language = '', ...words] = info.split(/\s+/)
  return { page, line, language, ignored: words.includes('ignore'), code: lines.join('\n') }
}
