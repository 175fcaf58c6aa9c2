import { Component, CUSTOM_ELEMENTS_SCHEMA } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
// @ts-expect-error: the application that all consumers share has no types
import { run } from './app.js'

@Component({
  selector: 'app-root',
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: '<true-crop width="64" height="64"></true-crop>',
})
class App {}

await bootstrapApplication(App)
Object.assign(window, { seen: await run() })
