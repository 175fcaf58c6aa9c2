/** `<true-crop>` as a component of Vue. On a server it renders the element with its attributes, and the browser takes over. */

import { type DefineComponent, type PropType, defineComponent, h, onMounted, onUpdated, shallowRef, watch } from 'vue'
import '../element/define.js'
import type { View } from '../client/index.js'
import { PROPERTIES } from '../element/attributes.js'
import type { TrueCrop as Element, TrueCropEvents } from '../element/true-crop.js'
import { plainView, sameView } from '../headless/views.js'

type Attributes = { [Name in (typeof PROPERTIES)[keyof typeof PROPERTIES]]?: Element[Name] }

export interface TrueCropProps extends Attributes {
  /** `v-model:view`, or one way: where the photo is. Without it the person moves it. */
  view?: View | undefined
  /** Where a photo is at first. */
  defaultView?: View | undefined
  /** `v-model:file`, or one way: the photo; `null` empties the element. Without it the person chooses. */
  file?: File | Blob | null | undefined
  /** Several outputs in place of `width` and `height`. */
  outputs?: Element['outputs']
  /** The element's texts, for other languages. */
  labels?: Partial<Element['labels']> | undefined
}

// A type, because an interface is no record of functions.
export type TrueCropEmits = {
  ready: (event: TrueCropEvents['ready']) => void
  empty: (event: TrueCropEvents['empty']) => void
  input: (event: TrueCropEvents['input']) => void
  change: (event: TrueCropEvents['change']) => void
  progress: (event: TrueCropEvents['progress']) => void
  /** The element's event `truecrop-error`. */
  error: (event: TrueCropEvents['truecrop-error']) => void
  'update:view': (view: View) => void
  'update:file': (file: File | null) => void
}

const EVENTS = ['ready', 'empty', 'input', 'change', 'progress'] as const
/** Vue makes false of a boolean prop that is missing; the others are undefined. */
const BOOLEANS: readonly string[] = ['required', 'disabled']
const own = Object.fromEntries(Object.values(PROPERTIES).map((name) => [name, BOOLEANS.includes(name) ? Boolean : null]))

export const TrueCrop = /* @__PURE__ */ defineComponent({
  name: 'TrueCrop',
  props: {
    ...own,
    view: Object as PropType<View>,
    defaultView: Object as PropType<View>,
    // `null` is a value here, and undefined is not.
    file: { type: null as unknown as PropType<File | Blob | null>, default: undefined },
    outputs: Array as PropType<Element['outputs']>,
    labels: Object as PropType<Partial<Element['labels']>>,
  },
  emits: [...EVENTS, 'error', 'update:view', 'update:file'],
  setup(given, { emit, expose }) {
    const props = given as TrueCropProps
    const element = shallowRef<Element>()
    /** The view that was given last, and what the element showed of it. */
    let last: { view: View; shown: View | undefined } | undefined
    const follow = (): void => {
      const [target, { view }] = [element.value, props]
      if (!target || !view) return
      // What the element shows may be within its bounds where the given view is not: then both stay as they are.
      if (last && sameView(view, last.view) && sameView(target.view, last.shown)) return
      if (!sameView(view, target.view)) target.view = plainView(view)
      last = { view, shown: target.view }
    }
    const set = (): void => {
      const target = element.value
      if (!target) return
      if (props.labels) target.labels = props.labels
      if (props.outputs || target.outputs) target.outputs = props.outputs
    }
    const setFile = (): void => {
      const [target, { file }] = [element.value, props]
      if (target && file !== undefined && (target.file ?? null) !== file) target.file = file
    }
    onMounted(() => {
      set()
      if (element.value && props.defaultView) element.value.view = plainView(props.defaultView)
      follow()
      setFile()
    })
    onUpdated(follow)
    watch(() => [props.labels, props.outputs], set)
    watch(() => props.file, setFile)
    watch(() => props.view, follow, { flush: 'post' })
    expose({ element })
    const moved = (event: TrueCropEvents['input']): void => {
      emit('input', event)
      emit('update:view', event.detail.view)
      // Whoever does not take the move over has it undone.
      if (props.view) void Promise.resolve().then(follow)
    }
    const opened = (event: TrueCropEvents['ready']): void => {
      emit('ready', event)
      if (element.value) emit('update:file', element.value.file)
      follow()
    }
    return () =>
      h('true-crop', {
        ...attributesOf(props),
        ref: element,
        onReady: opened,
        onEmpty: (event: TrueCropEvents['empty']) => {
          emit('empty', event)
          emit('update:file', null)
        },
        onInput: moved,
        onChange: (event: TrueCropEvents['change']) => emit('change', event),
        onProgress: (event: TrueCropEvents['progress']) => emit('progress', event),
        onTruecropError: (event: TrueCropEvents['truecrop-error']) => emit('error', event),
      })
  },
}) as unknown as DefineComponent<TrueCropProps, { element: Element | undefined }, {}, {}, {}, {}, {}, TrueCropEmits>

function attributesOf(props: TrueCropProps): Record<string, unknown> {
  const named = Object.entries(PROPERTIES).map(([attribute, property]) => [attribute, props[property]] as const)
  return Object.fromEntries(named.filter(([, value]) => value !== undefined && value !== false))
}
