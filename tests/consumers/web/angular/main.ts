import { Component, CUSTOM_ELEMENTS_SCHEMA, provideZonelessChangeDetection } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { run } from './app.js'

@Component({
  selector: 'app-root',
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: '<true-crop width="64" height="64"></true-crop>',
})
class App {}

bootstrapApplication(App, { providers: [provideZonelessChangeDetection()] })
  .then(() => run())
  .then((seen) => Object.assign(window, { seen }))
