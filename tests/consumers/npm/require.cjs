// Crops and verifies by `require('truecrop/node')`, in CommonJS: node require.cjs FOLDER, where crop.js has been. It must give the same bytes.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { TruecropError, crop, toProblem, verify } = require('truecrop/node')

const [folder] = process.argv.slice(2)
const read = (name) => readFileSync(join(folder, name))

async function main() {
  const { output, receipt } = await crop(join(folder, 'photo.jpg'), JSON.parse(read('recipe.json')))
  if (!read('output.npm.jpg').equals(output.bytes)) throw new Error('Not the bytes of truecrop/core.')
  if (read('receipt.npm.json').toString() !== receipt) throw new Error('Not the receipt of truecrop/core.')
  const { level } = await verify({ receipt, outputs: output.bytes, source: join(folder, 'photo.jpg') })
  if (level !== 'source') throw new Error(`Level ${level}.`)
  const refused = await verify({ receipt, outputs: output.bytes.map((byte) => byte ^ 1) }).catch((error) => error)
  if (!(refused instanceof TruecropError) || toProblem(refused).status !== 422) throw refused
}

main()
