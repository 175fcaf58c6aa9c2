import { run } from './app.js'

window.seen = await run()
