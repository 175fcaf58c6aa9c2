// Tests of the check of paths in pages.
import { expect, test } from 'vitest'
import { missingPaths } from './docs-paths.mjs'

const files = ['www/element/screen/stage.ts', 'crates/core/src/plan/placement.rs', 'README.md']

test.each([
  ['a folder', '`www/element`', []],
  ['a folder with a slash behind it', '`www/element/`', []],
  ['a file', '`www/element/screen/stage.ts`', []],
  ['the end of a source file', '`plan/placement.rs`', []],
  ['no end of a name', '`an/placement.rs`', ['an/placement.rs']],
  ['a file that has moved', '`www/element/gone.ts`, `plan/gone.rs`', ['www/element/gone.ts', 'plan/gone.rs']],
  ['entries of the package, and media types', '`truecrop/node`, `image/jpeg`', []],
  ['what a command makes', '`dist/element.js`, `target/site`', []],
  ['code', '```js\n`www/gone`\n```', []],
])('%s', (_, page, missing) => expect(missingPaths(page, files)).toEqual(missing))
