/** Stands in for wasm-pack's own types where the wasm package was not built yet. */
declare module '*/wasm/truecrop.js' {
  const init: (input: { module_or_path: URL | Response | ArrayBuffer }) => Promise<{ memory: WebAssembly.Memory }>
  export default init
  export const Session: import('./engine.js').Engine['Session']
}
