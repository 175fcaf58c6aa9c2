/** Stand-ins for wasm-bindgen's own types, for when the wasm modules are not built yet. */
declare module '*/wasm/truecrop.js' {
  const init: (input: { module_or_path: URL | Response | ArrayBuffer }) => Promise<{ memory: WebAssembly.Memory }>
  export default init
  export const Session: import('../engine/load.js').Engine['Session']
}

declare module '*/wasm/truecrop_all.js' {
  const init: (input: { module_or_path: URL | Response | ArrayBuffer }) => Promise<{ memory: WebAssembly.Memory }>
  export default init
  export const Session: import('../engine/load.js').Engine['Session']
}

declare module '*/wasm/truecrop_jpeg.js' {
  const init: (input: { module_or_path: URL | Response | ArrayBuffer }) => Promise<{ memory: WebAssembly.Memory }>
  export default init
  export const Session: import('../engine/load.js').Engine['Session']
}

declare module '*/wasm/truecrop_heic.js' {
  const init: (input: { module_or_path: URL | Response | ArrayBuffer }) => Promise<{ memory: WebAssembly.Memory }>
  export default init
  export const Session: import('../engine/load.js').Engine['Session']
}
