// The goldens in wasm: the same code in Node and in a browser's worker, on the module that is shipped.
// The caller passes in how to open a session, and how to run the slices of a task.

/**
 * The outputs' digests of one source and one case, or the code of the refusal.
 * @param {import('../../dist/wasm/truecrop.js').Session} session
 * @param {any} testCase one entry of recipes.json
 * @returns {string[]}
 */
export function runCase(session, testCase) {
  try {
    const { width, height } = testCase.outputs[0]
    const contain = testCase.background !== undefined
    const { view, crop } = JSON.parse(session.solve(JSON.stringify(testCase.view), width, height, contain))
    const { name: _name, view: _view, ...rest } = testCase
    const recipe = { truecrop: 1, crop, rotate: view.rotate, flip: view.flip, ...rest }
    const job = session.render(JSON.stringify(recipe))
    while (!job.advance(64));
    const rendered = job.finish()
    const receipt = JSON.parse(rendered.receipt)
    rendered.free()
    job.free()
    return receipt.outputs.map((output) => output.digest)
  } catch (error) {
    if (typeof error?.code !== 'string') throw error
    return [error.code]
  }
}

/** The goldens that the small module must give by itself: outputs in JPEG of sources in JPEG. */
export function onlyJpeg(goldens, cases) {
  const sources = Object.entries(goldens.sources).filter(([source]) => source.endsWith('.jpg'))
  const jpeg = (testCase) => testCase.outputs.every((output) => output.format === 'jpeg')
  return { goldens: { ...goldens, sources: Object.fromEntries(sources) }, cases: cases.filter(jpeg) }
}

/** The goldens that the module of JPEG and HEIC must give by itself. */
export function onlyHeic(goldens, cases) {
  const sources = Object.entries(goldens.sources).filter(([source]) => /\.(jpg|heic)$/.test(source))
  return { ...onlyJpeg(goldens, cases), goldens: { ...goldens, sources: Object.fromEntries(sources) } }
}

/** The goldens that the module with the web's formats must give: without HEIC and the rare ones. */
export function notRare(goldens) {
  const sources = Object.entries(goldens.sources).filter(([source]) => !/^(rare|heic)\//.test(source))
  return { ...goldens, sources: Object.fromEntries(sources) }
}

/**
 * What differs from the goldens, as lines for people; empty when all is well.
 * @param {(source: string) => Promise<any> | any} open gives a session for a fixture's name
 * @param {any} goldens goldens.json
 * @param {any[]} cases recipes.json
 * @param {number} pixels the module's pixel contract
 */
export async function compare(open, goldens, cases, pixels) {
  const wrong = []
  let count = 0
  if (goldens.pixels !== pixels) wrong.push(`goldens of pixels ${goldens.pixels}, module of ${pixels}`)
  for (const [source, results] of Object.entries(goldens.sources)) {
    const session = await open(source)
    for (const testCase of cases) {
      const got = runCase(session, testCase).join(' ')
      const want = (results[testCase.name] ?? ['(none)']).join(' ')
      if (got !== want) wrong.push(`${source}, ${testCase.name}\n  expected ${want}\n  got      ${got}`)
      count += 1
    }
    session.free()
  }
  return { wrong, count }
}

/** The longest side of an output. */
const LONGEST = 16_383

/** What a file of tests/fixtures/field gives, in the words of field.json (crates/truecrop-core/tests/field.rs). */
function runField(session, entry) {
  const { width, height } = JSON.parse(session.facts())
  const output = { name: 'main', width: Math.min(width, LONGEST), height: Math.min(height, LONGEST), format: 'png' }
  const whole = { truecrop: 1, crop: { x: 0, y: 0, width, height }, outputs: [output] }
  const job = session.render(JSON.stringify(entry.recipe ?? whole))
  while (!job.advance(64));
  const rendered = job.finish()
  const { source, outputs } = JSON.parse(rendered.receipt)
  rendered.free()
  job.free()
  const said = ['frame', 'truncated', 'ignored'].filter((name) => name in source)
  return [outputs[0].digest, ...said.map((name) => `${name} ${JSON.stringify(source[name])}`)]
}

/**
 * What differs from what the field's files give natively, as lines for people; empty when all is well.
 * @param {(source: string) => Promise<any> | any} open gives a session for a fixture's name
 * @param {Record<string, any>} index tests/fixtures/field/index.json
 * @param {Record<string, string[]>} kept tests/goldens/field.json
 */
export async function compareField(open, index, kept) {
  const wrong = []
  for (const [name, entry] of Object.entries(index)) {
    let got
    try {
      const session = await open(`field/${name}`)
      got = runField(session, entry)
      session.free()
    } catch (error) {
      if (typeof error?.code !== 'string') throw error
      got = [error.code]
    }
    const want = kept[name] ?? []
    if (got.join() !== want.join()) wrong.push(`${name}\n  expected ${want}\n  got      ${got}`)
  }
  return { wrong, count: Object.keys(index).length }
}
