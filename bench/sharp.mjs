// node bench/sharp.mjs FILE X Y WIDTH HEIGHT OUT-WIDTH OUT-HEIGHT ROUNDS: prints the median milliseconds of CPU time of one crop by sharp.
// One thread, no cache. The whole picture is resized without an extract before, which would switch shrink-on-load off.
import sharp from 'sharp'

const [file, ...numbers] = process.argv.slice(2)
const [left, top, width, height, w, h, rounds] = numbers.map(Number)
sharp.concurrency(1)
sharp.cache(false)

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const options = { limitInputPixels: false }
const head = await sharp(file, options).metadata()
const whole = width === head.width && height === head.height
const times = []
for (let i = 0; i < rounds; i += 1) {
  const start = cpu()
  const source = sharp(file, options)
  const cut = whole ? source : source.extract({ left, top, width, height })
  await cut.resize(w, h, { fit: 'fill' }).jpeg({ quality: 85 }).toBuffer()
  times.push(cpu() - start)
}
times.sort((a, b) => a - b)
process.stdout.write(`${JSON.stringify({ ms: times[times.length >> 1] })}\n`)
