// wasm-bindgen's glue as the worker needs it: without what only other callers use. Each cut is checked: a new wasm-bindgen may write another text.

/** What is cut, and what stands in its place. */
const CUTS = [
  // The worker gives an answer that was checked, or bytes (`loadEngine`).
  [
    /async function __wbg_load\([^]*?\n\}\n/,
    `async function __wbg_load(module, imports) {
      return module instanceof Response ? WebAssembly.instantiateStreaming(module, imports) : WebAssembly.instantiate(module, imports)
    }
`,
  ],
  [/let __wbg_init_promise;\n/, ''],
  [
    /async function __wbg_init\([^]*?\n\}\n+async function __wbg_init_once\([^]*?\n\}\n/,
    `async function __wbg_init({ module_or_path }) {
      const { instance, module } = await __wbg_load(module_or_path, __wbg_get_imports())
      return __wbg_finalize_init(instance, module)
    }
`,
  ],
  // How values look in the text of an error.
  [/function debugString\(val\) \{[^]*?\n\}\n/, 'const debugString = String\n'],
  // Every browser with SIMD has it.
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/, ''],
  // The worker frees what it opens, and ends with what is left.
  [/^const \w+Finalization = [^;]*;$/gm, ''],
  [/^ *\w+Finalization\.\w+\(.*\);$/gm, ''],
  // Memory for a text is there, or the engine ends.
  [/let (ptr0, len0, ptr1, len1);\n *try \{([^]*?)\} catch \(e\) \{[^]*?throw e;\n *\}/g, 'let $1;$2'],
  // The worker opens files, and plans nothing.
  [/^ {4}static fromBytes\([^]*?\n {4}\}$/m, ''],
  [/^ {4}plan\([^]*?\n {4}\}$/m, ''],
]

/** The glue without what the worker does not use. */
export function glueForWorker(glue) {
  return CUTS.reduce((text, [from, to]) => {
    const cut = text.replace(from, to)
    if (cut === text) throw new Error(`The glue has no ${from}: has wasm-bindgen changed?`)
    return cut
  }, glue)
}
