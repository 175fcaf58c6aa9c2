/** `<true-crop>` as a component of React. On a server it renders the element with its attributes, and the browser takes over. */

import {
  type ForwardRefExoticComponent,
  type HTMLAttributes,
  type RefAttributes,
  createElement,
  forwardRef,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useReducer,
  useRef,
} from 'react'
import '../element/define.js'
import type { View } from '../client/index.js'
import { PROPERTIES } from '../element/attributes.js'
import type { TrueCrop as Element, TrueCropEvents } from '../element/true-crop.js'
import { sameView } from '../headless/views.js'

/** The properties that are attributes, too; as the element has them. */
type Reflected = Partial<Pick<Element, (typeof PROPERTIES)[keyof typeof PROPERTIES]>>
type Handlers = 'onReady' | 'onEmpty' | 'onInput' | 'onChange' | 'onProgress' | 'onError'

export interface TrueCropProps extends Reflected, Omit<HTMLAttributes<Element>, Handlers | keyof Reflected | 'defaultValue'> {
  /** Where the photo is, **controlled**: it stays there until this changes. Take moves over in `onInput`. */
  view?: View | undefined
  /** Where a photo is at first; the person moves it from there. */
  defaultView?: View | undefined
  /** The photo, **controlled**: `null` empties the element. Left out, the person chooses. */
  file?: File | Blob | null | undefined
  /** Several outputs in place of `width` and `height`. */
  outputs?: Element['outputs']
  /** The element's texts, for other languages. */
  labels?: Partial<Element['labels']> | undefined
  onReady?: ((event: TrueCropEvents['ready']) => void) | undefined
  onEmpty?: ((event: TrueCropEvents['empty']) => void) | undefined
  onInput?: ((event: TrueCropEvents['input']) => void) | undefined
  onChange?: ((event: TrueCropEvents['change']) => void) | undefined
  onProgress?: ((event: TrueCropEvents['progress']) => void) | undefined
  /** The event `truecrop-error`. */
  onError?: ((event: TrueCropEvents['truecrop-error']) => void) | undefined
}

const EVENTS = {
  ready: 'onReady',
  empty: 'onEmpty',
  input: 'onInput',
  change: 'onChange',
  progress: 'onProgress',
  'truecrop-error': 'onError',
} as const

/** Layout effects warn on servers, where there is no layout. */
const useClientLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect

export const TrueCrop: ForwardRefExoticComponent<TrueCropProps & RefAttributes<Element>> = /* @__PURE__ */ forwardRef<
  Element,
  TrueCropProps
>(function TrueCrop(props, ref) {
  const { view, defaultView, file, outputs, labels, ...rest } = props
  const own = useRef<Element>(null)
  useImperativeHandle(ref, () => own.current as Element, [])
  useProperties(own, { labels, outputs, file, defaultView })
  useControlledView(own, view)
  useEvents(own, props)
  return createElement('true-crop', { ...attributesOf(rest), ref: own })
})

/** Attributes for servers and for React 18; React 19 sets the properties of these names. */
function attributesOf(props: Record<string, unknown>): Record<string, unknown> {
  const names = new Map<string, string>(Object.entries(PROPERTIES).map(([attribute, property]) => [property, attribute]))
  const handlers: readonly string[] = Object.values(EVENTS)
  const kept = Object.entries(props).filter(([name]) => !handlers.includes(name))
  // A missing attribute is false: the text "false" is not.
  return Object.fromEntries(kept.map(([name, value]) => [names.get(name) ?? htmlName(name), value === false ? undefined : value]))
}

/** React 18 writes the props of custom elements as they are. */
const htmlName = (name: string): string => (name === 'className' ? 'class' : name === 'htmlFor' ? 'for' : name)

type Own = { readonly current: Element | null }

function useProperties(
  own: Own,
  { labels, outputs, file, defaultView }: Pick<TrueCropProps, 'labels' | 'outputs' | 'file' | 'defaultView'>,
): void {
  const isFirst = useRef(true)
  useClientLayoutEffect(() => {
    if (own.current && labels) own.current.labels = labels
  }, [labels])
  useClientLayoutEffect(() => {
    if (own.current && (outputs || own.current.outputs)) own.current.outputs = outputs
  }, [outputs])
  useClientLayoutEffect(() => {
    // Before the file, whose first view it is.
    if (own.current && defaultView && isFirst.current) own.current.view = defaultView
    isFirst.current = false
  }, [])
  useClientLayoutEffect(() => {
    const element = own.current
    if (element && file !== undefined && (file === null ? element.file !== null : element.file !== file)) element.file = file
  }, [file])
}

/** Keeps the photo where `view` says: after each render, and after each move that its owner did not take over. */
function useControlledView(own: Own, view: View | undefined): void {
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  const given = useRef<{ view: View; shown: View | undefined }>(undefined)
  useClientLayoutEffect(() => {
    const element = own.current
    if (!element || !view) return
    const { view: before, shown } = given.current ?? {}
    // What the element shows may be within its bounds where the given view is not: then both stay as they are.
    if (before && sameView(view, before) && sameView(element.view, shown)) return
    if (!sameView(view, element.view)) element.view = view
    given.current = { view, shown: element.view }
  })
  useEffect(() => {
    const element = own.current
    if (!element || view === undefined) return
    element.addEventListener('input', renderAgain)
    element.addEventListener('ready', renderAgain)
    return () => {
      element.removeEventListener('input', renderAgain)
      element.removeEventListener('ready', renderAgain)
    }
  }, [view === undefined])
}

function useEvents(own: Own, props: TrueCropProps): void {
  const latest = useRef(props)
  useClientLayoutEffect(() => {
    latest.current = props
  })
  useClientLayoutEffect(() => {
    const element = own.current
    if (!element) return
    const listener = (event: Event): void => {
      const handler = latest.current[EVENTS[event.type as keyof typeof EVENTS]] as ((event: Event) => void) | undefined
      handler?.(event)
    }
    for (const name of Object.keys(EVENTS)) element.addEventListener(name, listener)
    return () => {
      for (const name of Object.keys(EVENTS)) element.removeEventListener(name, listener)
    }
  }, [])
}
