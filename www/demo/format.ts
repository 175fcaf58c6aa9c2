/** Numbers as people read them. */

/** `41 KB`, `8.1 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'KB'] : [bytes / 1e6, 'MB']
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

/** `85 ms`, `1.4 s`. */
export function formatDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.max(1, Math.round(milliseconds))} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}

/** A sentence that says how little is sent. */
export function savingsText(source: number, sent: number): string {
  const start = `Your photo has ${formatSize(source)}; ${formatSize(sent)} are sent`
  if (sent >= source) return `${start}: more than the photo, because a larger picture was asked for.`
  const percent = (sent / source) * 100
  return `${start}, ${percent < 1 ? percent.toFixed(1) : Math.round(percent)} % of it. No EXIF data, no location, no device name is sent.`
}

/** A value of an error, on one line. */
export function formatValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
