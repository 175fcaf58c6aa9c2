import { run } from './app.js'

run().then((seen) => (window.seen = seen))
