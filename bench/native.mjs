// Native benchmarks: every peer on the same files and crops, in process and as a whole process, and the quality of what truecrop makes.
import * as peers from './peers.mjs'

/** Crops of a picture by name: x, y, width, height > output width, height. */
export function crops({ width: w, height: h }) {
  const side = Math.round(h * 0.75)
  const [left, top] = [Math.round((w - side) / 2), Math.round((h - side) / 2)]
  return {
    tl: [0, 0, 512, 512, 512, 512],
    br: [w - 512, h - 512, 512, 512, 512, 512],
    mid: [w / 2 - 1024, h / 2 - 1024, 2048, 2048, 512, 512],
    big: [left, top, side, side, 1600, 1600],
    whole: [0, 0, w, h, 256, Math.round((256 * h) / w)],
    // For quality alone: no peer cuts them.
    odd: [1001, 777, 2047, 1365, 513, 342],
    'mid + 0.37': [w / 2 - 1024 + 0.37, h / 2 - 1024 + 0.61, 2048, 2048, 512, 512],
    'big + 0.37': [left + 0.37, top + 0.61, side - 1.25, side - 1.25, 1600, 1600],
    'odd + 0.37': [1001.37, 777.61, 2047, 1365, 513, 342],
    'pixel for pixel + 0.37': [1001.37, 777.61, 511, 511, 511, 511],
  }
}

/** What is measured of each picture. */
const cases = {
  '24mp': 'br whole',
  '8k': 'tl br mid big whole',
  '8k-444': 'br whole',
  '8k-restart': 'br whole',
  '8k-progressive': 'br whole',
  '8k-png': 'tl br',
  '8k-adam7': 'br',
  '8k-webp': 'br whole',
  '48mp-heic': 'tl br mid whole',
  '108mp': 'br whole',
  '108mp-progressive': 'br whole',
}

const qualities = Object.keys(crops({ width: 0, height: 0 })).slice(2)

function wanted(catalogue, pattern, names) {
  const all = catalogue.flatMap((picture) => names(picture.name).map((crop) => ({ picture, crop })))
  return all.filter(({ picture, crop }) => pattern.test(`${picture.name} ${crop}`))
}

/** CPU ms in process: `{name, truecrop, again, held, stated, peers: {sharp, ...}}` for each case. */
export function* inProcess(catalogue, pattern, rounds) {
  for (const { picture, crop } of wanted(catalogue, pattern, (name) => (cases[name] ?? '').split(' ').filter(Boolean))) {
    const task = crops(picture)[crop]
    const first = peers.byTruecrop(picture.file, task, rounds)
    const again = picture.format === 'jpeg' ? peers.byTruecrop(picture.file, task, rounds, 'again').ms : undefined
    const times = {}
    for (const [name, { reads }] of Object.entries(peers.peers)) {
      if (reads.test(picture.format)) times[name] = peers.inProcess(name, picture.file, task, rounds)
    }
    yield { name: `${picture.name} ${crop}`, truecrop: first.ms, again, held: first.peak, stated: first.stated, peers: times }
  }
}

/** Whole processes: `{name, idle, runs: {truecrop, sharp, ...}}`, each run `{wall, cpu, peak}`. */
export function* wholeProcess(catalogue, pattern, rounds) {
  for (const { picture, crop } of wanted(catalogue, pattern, (name) => (cases[name] ?? '').split(' ').filter(Boolean))) {
    const task = crops(picture)[crop]
    const runs = { truecrop: peers.wholeProcess(peers.truecropCommand(picture.file, task), rounds) }
    for (const [name, { reads }] of Object.entries(peers.peers)) {
      if (reads.test(picture.format)) runs[name] = peers.wholeProcess(peers.peerCommand(name, picture.file, task), rounds)
    }
    yield { name: `${picture.name} ${crop}`, idle: peers.wholeProcess(peers.idleCommand, rounds), runs }
  }
}

/** `{name, psnr, shift}`: dB and output pixels against a float64 Lanczos3 of the full decode. */
export function* quality(catalogue, pattern) {
  for (const { picture, crop } of wanted(catalogue, pattern, (name) => (name === '8k' ? qualities : []))) {
    yield { name: `${picture.name} ${crop}`, ...peers.byTruecrop(picture.file, crops(picture)[crop], 'quality') }
  }
}
