import 'truecrop/element/define'
import { CUSTOM_ELEMENTS_SCHEMA, Component, provideZonelessChangeDetection, signal } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'

@Component({
  selector: 'avatar-form',
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <form (submit)="save($event)">
      <p>
        <label>Nickname <input name="nickname" required /></label>
      </p>
      <true-crop name="avatar" [width]="256" [height]="256" required (change)="made.set(true)"></true-crop>
      <button [disabled]="!made()">Save</button>
      <p role="status">{{ answer() }}</p>
    </form>
  `,
})
class AvatarForm {
  readonly made = signal(false)
  readonly answer = signal('')

  async save(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const response = await fetch('/avatar', { method: 'POST', body: new FormData(event.target as HTMLFormElement) })
    const { nickname, detail } = await response.json()
    this.answer.set(response.ok ? `Saved, ${nickname}.` : detail)
  }
}

await bootstrapApplication(AvatarForm, { providers: [provideZonelessChangeDetection()] })
