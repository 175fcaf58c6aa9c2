// Only compiled: the wrappers as an application uses them.
import { type RefObject, useRef } from 'react'
import { TrueCrop, type TrueCropElement, type View, useTrueCrop } from 'truecrop/react'
import { cropStore } from 'truecrop/svelte'
import { TrueCrop as VueCrop, useTrueCrop as useVueCrop } from 'truecrop/vue'
import { h, ref } from 'vue'

const outputs = [{ name: 'main', width: 512, height: 512, format: 'jpeg' as const }]

export function Avatar({ file, view, onView }: { file: File | null; view: View; onView(view: View): void }) {
  const element: RefObject<TrueCropElement | null> = useRef<TrueCropElement>(null)
  const { proxy, setView, render } = useTrueCrop({ outputs })
  const send = async () => fetch('/avatar', { method: 'POST', body: (await render()).toFormData('avatar') })
  return (
    <form onSubmit={send} title={`${proxy?.width}`}>
      <TrueCrop
        ref={element}
        name="avatar"
        width={512}
        height={512}
        maxBytes={90_000}
        format="webp"
        required
        className="avatar"
        file={file}
        view={view}
        onInput={({ detail }) => onView(detail.view)}
        onChange={({ detail }) => detail.result.outputs[0]?.size}
        onError={({ detail }) => console.error(detail.code)}
      />
      {/* @ts-expect-error there is no such format */}
      <TrueCrop format="gif" />
      <true-crop name="cover" width="960" height={320} max-bytes={90_000} required ref={element} />
      {/* @ts-expect-error there is no such format */}
      <true-crop format="gif" />
      <button type="button" onClick={() => setView({ zoom: 2 })} />
    </form>
  )
}

const view = ref<View>()
export const inVue = () =>
  h(VueCrop, { name: 'avatar', width: 512, view: view.value, 'onUpdate:view': (moved: View) => (view.value = moved) })
export const composed = () => useVueCrop(() => ({ outputs })).state.value.facts?.width
export const store = cropStore({ outputs }).subscribe(({ solved }) => solved?.crop.width)
