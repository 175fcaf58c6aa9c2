// Tables: columns that line up in a terminal, or Markdown for docs/BENCHMARKS.md. A target stands beside its figure with a mark.
import * as targets from './targets.mjs'

/** A table with a title; `rows` are lists of texts; nothing without rows. */
export function table(title, head, rows, markdown) {
  if (!rows.length) return ''
  const all = [head, ...rows]
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)))
  const line = (row) => row.map((text, i) => (markdown ? text : i ? text.padStart(widths[i]) : text.padEnd(widths[i])))
  const lines = markdown
    ? [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
    : all.map((row) => line(row).join('  '))
  return `\n${markdown ? '### ' : ''}${title}\n\n${lines.join('\n')}\n`
}

const ms = (value) => (value === undefined ? '' : value < 20 ? value.toFixed(1) : value.toFixed(0))
const share = (value) => (Number.isFinite(value) ? value.toFixed(value < 0.1 ? 3 : 2) : '')
const mark = (met) => (met ? 'met' : 'not met')

/** "0.21 (0.3, met)": a figure, and its target where it has one. */
const against = (figure, target, text = share) =>
  target === undefined || !Number.isFinite(figure) ? text(figure) : `${text(figure)} (${target}, ${mark(figure <= target)})`

/** The table of crops in process. */
export function inProcess(rows, names, markdown) {
  const head = ['CPU ms', 'truecrop', 'to sharp', 'second crop', 'to sharp', ...names, 'held MB']
  const lines = rows.map(({ name, truecrop, again, held, stated, peers }) => [
    name,
    ms(truecrop),
    against(truecrop / peers.sharp, targets.toSharp[name]),
    ms(again),
    against(again / peers.sharp, targets.againToSharp[name]),
    ...names.map((peer) => ms(peers[peer])),
    `${(held / 1e6).toFixed(1)} of ${(stated / 1e6).toFixed(1)} stated`,
  ])
  return table('In process, one thread', head, lines, markdown)
}

/** The tables of whole processes: what was measured, then truecrop's shares of it. */
export function wholeProcess(rows, names, markdown) {
  const mb = (kib) => (kib * 1024) / 1e6
  const cell = (run) => (run ? `${ms(run.wall)} / ${ms(run.cpu)} / ${mb(run.peak).toFixed(1)}` : '')
  const figures = rows.map(({ name, idle, runs }) => {
    const bound = /webp| big/.test(name) ? undefined : targets.peak
    const above = against(mb(runs.truecrop.peak - idle.peak), bound, (value) => value.toFixed(1))
    return [name, cell(runs.truecrop), above, ...names.map((peer) => cell(runs[peer]))]
  })
  const shares = rows.map(({ name, runs: { truecrop, ...others } }) => {
    const to = (run) => ['wall', 'cpu', 'peak'].map((what) => share(truecrop[what] / run[what])).join(' / ')
    return [name, ...names.map((peer) => (others[peer] ? to(others[peer]) : ''))]
  })
  const head = ['picture, crop', 'truecrop', 'MB above idle', ...names]
  return (
    table('Whole process: wall ms / CPU ms / peak MB', head, figures, markdown) +
    table('Whole process: truecrop’s share of wall / CPU / peak', ['picture, crop', ...names], shares, markdown)
  )
}

/** The table of distances from the ideal. */
export function quality(rows, markdown) {
  const { psnr: least, shift: most } = targets.quality
  const lines = rows.map(({ name, psnr, shift }) => [
    name,
    `${psnr.toFixed(1)} (${least}, ${mark(psnr >= least)})`,
    against(shift, most, (value) => value.toFixed(4)),
  ])
  return table('Against a float64 Lanczos3 of the full decode', ['crop', 'dB', 'displaced by px'], lines, markdown)
}

/** The tables of the browser: truecrop's own figures, then the peers beside it. */
export function browser(rows, names, markdown) {
  const own = ['canvas', 'decoder']
  const best = (peers) => Math.min(...own.map((name) => peers[name]?.ms ?? Infinity))
  const quarter = (name) => !/whole/.test(name)
  const first = rows.map(({ name, first, again, peers, memory }) => [
    name,
    ms(first.took),
    against(first.took / best(peers), targets.toBrowser[name]),
    ms(first.trip),
    share(first.trip / best(peers)),
    against(again.took, quarter(name) ? targets.again : undefined, ms),
    ms(again.trip),
    ...own.map((peer) => ms(peers[peer]?.ms)),
    against(memory / 1e6, targets.linear, (value) => value.toFixed(1)),
  ])
  const heads = ['first', 'to best', 'with open and trip', 'to best', 'second', 'with trip', ...own, 'wasm MB']
  const cell = (peer) => (peer ? (peer.failed ?? `${ms(peer.ms)} / ${peer.peak?.toFixed(0) ?? '?'}`) : '')
  const others = rows.map(({ name, first, peak, peers }) => [
    name,
    `${ms(first.trip)} / ${peak?.toFixed(0) ?? '?'}`,
    ...names.map((peer) => cell(peers[peer])),
  ])
  return (
    table('In Chromium, wall ms', ['picture, crop', ...heads], first, markdown) +
    table('In Chromium, wall ms / peak renderer MB above rest', ['picture, crop', 'truecrop', ...names], others, markdown)
  )
}

/** The table of modules: KB as they are sent, compressed by brotli. */
export function modules(sizes, markdown) {
  const lines = sizes.map(({ name, bytes, brotli }) => [name, (bytes / 1024).toFixed(0), (brotli / 1024).toFixed(1)])
  const { jpeg, every } = targets.modules
  const title = `Modules (brotli: at most ${jpeg} KB for what a JPEG needs, ${every} KB for every format)`
  return table(title, ['file', 'KB', 'brotli KB'], lines, markdown)
}
