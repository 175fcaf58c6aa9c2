/** The files that the build makes of the worker and the modules. */
declare module '*/inline/data/worker.js' {
  const text: string
  export default text
}

declare module '*/inline/data/jpeg.js' {
  const text: string
  export default text
}

declare module '*/inline/data/full.js' {
  const text: string
  export default text
}

declare module '*/inline/data/all.js' {
  const text: string
  export default text
}

declare module '*/inline/data/heic.js' {
  const text: string
  export default text
}
