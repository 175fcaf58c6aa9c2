/**
 * A gray JPEG of any size with steps in it, in a few hundred kilobytes: for tests of memory, where what it shows does not matter.
 * Baseline, 8 bits, one component (ITU-T T.81, B.2); each block has one coefficient.
 */

/** Codes of the DC table: no difference, and one of 4 bits; of the AC table: the end of the block. */
const [SAME, STEP, END] = ['0', '10', '0'] as const
/** Differences of 8 and -8, as T.81 F.1.2.1 writes them. */
const [UP, DOWN] = ['1000', '0111'] as const
/** Blocks of one gray. */
const RUN = 40

export function makeLargeJpeg(width: number, height: number): Buffer {
  const segment = (marker: number, body: number[]): Buffer =>
    Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body])
  const sizes = [height >> 8, height & 255, width >> 8, width & 255]
  const table = (id: number, counts: number[], values: number[]): number[] => [
    id,
    ...Array.from({ length: 16 }, (_, i) => counts[i] ?? 0),
    ...values,
  ]
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0, ...Array<number>(64).fill(16)]),
    segment(0xc0, [8, ...sizes, 1, 1, 0x11, 0]),
    segment(0xc4, table(0x00, [1, 1], [0, 4])),
    segment(0xc4, table(0x10, [1], [0])),
    segment(0xda, [1, 1, 0, 0, 63, 0]),
    blocks(Math.ceil(width / 8) * Math.ceil(height / 8)),
    Buffer.from([0xff, 0xd9]),
  ])
}

function blocks(count: number): Buffer {
  const out: number[] = []
  let bits = ''
  for (let i = 0; i < count; i += 1) {
    bits += i % RUN === 0 ? STEP + ((i / RUN) % 2 === 0 ? UP : DOWN) : SAME
    bits += END
    while (bits.length >= 8) {
      push(out, Number.parseInt(bits.slice(0, 8), 2))
      bits = bits.slice(8)
    }
  }
  if (bits) push(out, Number.parseInt(bits.padEnd(8, '1'), 2))
  return Buffer.from(out)
}

/** A byte of 255 is followed by 0, so that it is no marker. */
function push(out: number[], byte: number): void {
  out.push(byte)
  if (byte === 0xff) out.push(0)
}
