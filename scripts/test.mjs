// npm test: installs what is missing and runs every stage except the `named` ones. `npm test -- rust e2e` runs these stages only.
import { firefox, goldensInFirefox, goldensInWebkit, webkit } from './lib/browsers.mjs'
import { mainPathInFirefox, mainPathInWebkit } from './lib/main-path.mjs'
import { moto, seaweedfs, uploadsByBucket } from './lib/bucket.mjs'
import { croppersWork } from './lib/croppers.mjs'
import { docsCodeHolds } from './lib/docs-code.mjs'
import { examplesWork } from './lib/examples.mjs'
import { frameworksWork } from './lib/frameworks.mjs'
import { uploadersWork } from './lib/uploaders.mjs'
import { buildServer, buildWasm, buildWeb, smoke } from './lib/build.mjs'
import { Refusal, firstLineOf, main, run } from './lib/run.mjs'
import { openapiHolds, schemathesis } from './lib/openapi.mjs'
import { consumersWork, packagesWork } from './lib/packages.mjs'
import { siteWorks } from './lib/site-check.mjs'
import { tusWorks } from './lib/tus.mjs'
import { browser, chromium, setUp, toolsPath, wasmBindgen, wasmPack } from './lib/setup.mjs'
import { aarch64, goldensInScalarWasm, goldensWithNeon } from './lib/targets.mjs'

const env = () => ({ PATH: toolsPath, CHROMIUM: chromium() ?? '' })

const stages = {
  rust: {
    title: 'Rust: unit, property and integration tests, doctests, examples',
    run: async () => {
      // nextest runs no doctests
      const next = firstLineOf('cargo', ['nextest', '--version'])
      if (!next) return run('cargo', ['test', '--locked', '--workspace'])
      await run('cargo', ['nextest', 'run', '--locked', '--workspace', '--no-fail-fast'])
      await run('cargo', ['test', '--quiet', '--locked', '--workspace', '--doc'])
    },
  },
  'wasm-node': {
    title: 'The wasm rim in Node',
    needs: [wasmPack],
    run: () => run('wasm-pack', ['test', '--node', '.', '-p', 'truecrop', '--test', 'wasm_node'], { env: env() }),
  },
  'wasm-chromium': {
    title: "The wasm rim in Chromium's worker",
    needs: [wasmPack, browser],
    run: () =>
      run(
        'wasm-pack',
        [
          'test',
          '--headless',
          '--chrome',
          '--chromedriver',
          firstLineOf('which', ['chromedriver']),
          '.',
          '-p',
          'truecrop',
          '--test',
          'wasm_worker',
        ],
        { env: env() },
      ),
  },
  typescript: {
    title: 'TypeScript: units, and the goldens in Node',
    needs: [buildWasm, buildWeb, smoke],
    run: () => run('node_modules/.bin/vitest', ['run'], { env: env() }),
  },
  docs: {
    title: 'Every code block of the docs: compiled against the packed types, or parsed',
    needs: [buildWasm, buildWeb],
    run: docsCodeHolds,
  },
  packages: {
    title: 'The packed npm package and crates, installed into bare projects and bundled by what is here',
    needs: [buildWasm, buildWeb, browser],
    run: packagesWork,
  },
  consumers: {
    title: 'The packed npm package in an application of every bundler, in Chromium',
    named: true,
    needs: [buildWasm, buildWeb, browser],
    run: consumersWork,
  },
  site: {
    title: 'The documentation as a site: its links, its pages and its playground in Chromium',
    named: true,
    needs: [buildWasm, buildWeb, browser],
    run: siteWorks,
  },
  croppers: {
    title: 'The adapters behind the croppers that they are for, in Chromium',
    named: true,
    needs: [buildWasm, buildWeb, browser],
    run: croppersWork,
  },
  frameworks: {
    title: 'The wrappers for React, Vue and Svelte, rendered by a server and mounted in Chromium',
    named: true,
    needs: [buildWasm, buildWeb, browser],
    run: frameworksWork,
  },
  examples: {
    title: 'The applications of examples/, each started by its own command and used in Chromium',
    named: true,
    needs: [buildWasm, buildWeb, browser],
    run: examplesWork,
  },
  uploaders: {
    title: 'Uppy and FilePond with truecrop in them, in Chromium against the real server',
    named: true,
    needs: [buildWasm, buildWeb, buildServer, browser],
    run: uploadersWork,
  },
  tus: {
    title: 'tus-js-client against the real server, over connections that are cut and a server that is killed',
    named: true,
    needs: [buildServer],
    run: tusWorks,
  },
  e2e: {
    title: 'The whole product in Chromium',
    needs: [buildWasm, buildWeb, buildServer, browser],
    run: () => run('node_modules/.bin/playwright', ['test'], { env: env() }),
  },
  bucket: {
    title: 'Uploads by way of a bucket, from Rust and from Chromium, on moto and SeaweedFS',
    named: true,
    needs: [buildWasm, buildWeb, browser, moto, seaweedfs],
    run: uploadsByBucket,
  },
  'wasm-scalar': {
    title: 'The goldens in Node, without SIMD128',
    named: true,
    needs: [wasmBindgen],
    run: goldensInScalarWasm,
  },
  firefox: {
    title: "The goldens and the element's main path in Firefox",
    named: true,
    needs: [buildWasm, buildWeb, buildServer, browser, firefox],
    run: async () => {
      await goldensInFirefox()
      await mainPathInFirefox()
    },
  },
  webkit: {
    title: "The goldens and the element's main path in WebKitGTK",
    named: true,
    needs: [buildWasm, buildWeb, buildServer, browser, webkit],
    run: async () => {
      await goldensInWebkit()
      await mainPathInWebkit()
    },
  },
  openapi: {
    title: 'The server against its OpenAPI document, by schemathesis',
    named: true,
    needs: [buildServer, schemathesis],
    run: openapiHolds,
  },
  neon: {
    title: 'The kernels and every fifth golden on an emulated aarch64, with NEON',
    named: true,
    needs: [aarch64],
    run: goldensWithNeon,
  },
}

async function runStages() {
  const wanted = process.argv.slice(2)
  const unknown = wanted.filter((name) => !(name in stages))
  if (unknown.length > 0)
    throw new Refusal(`Unknown stage: ${unknown.join(', ')}. The stages are ${Object.keys(stages).join(', ')}.`)
  const names = Object.keys(stages).filter((name) => (wanted.length === 0 ? !stages[name].named : wanted.includes(name)))
  await setUp()
  const needs = new Set(names.flatMap((name) => stages[name].needs ?? []))
  for (const need of needs) await need()
  const rows = []
  for (const name of names) {
    process.stdout.write(`\n━━ ${name}: ${stages[name].title}\n`)
    const start = Date.now()
    const error = await stages[name].run().then(
      () => undefined,
      (e) => e,
    )
    if (error && !(error instanceof Refusal)) throw error
    rows.push({ name, error, seconds: (Date.now() - start) / 1000 })
  }
  process.stdout.write('\n')
  for (const { name, error, seconds } of rows)
    process.stdout.write(`${error ? 'FAILED' : 'passed'}  ${name.padEnd(14)} ${seconds.toFixed(0)} s\n`)
  const failed = rows.filter((row) => row.error).length
  process.stdout.write(`\nstages: ${rows.length - failed} passed, ${failed} failed\n`)
  if (failed > 0) process.exit(1)
}

await main(runStages)
