/** Figures as people read them. */

/** `41 KB`, `8.1 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'KB'] : [bytes / 1e6, 'MB']
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

/** `85 ms`, `1.4 s`. */
export function time(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.max(1, Math.round(milliseconds))} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}

/** What was saved, as a sentence. */
export function saved(source: number, sent: number): string {
  const start = `Your photo has ${size(source)}; ${size(sent)} are sent`
  if (sent >= source) return `${start}: more than the photo, because the picture asked for is larger.`
  const share = (sent / source) * 100
  return `${start}, ${share < 1 ? share.toFixed(1) : Math.round(share)} % of it. No EXIF data, no place, no device goes along.`
}

/** A figure of a refusal on one line. */
export function figure(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
