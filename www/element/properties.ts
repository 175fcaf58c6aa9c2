/**
 * The attributes of `<true-crop>` as properties. As with the platform's own elements, setting a property sets its attribute
 * and reading it parses the attribute: nothing is stored twice.
 *
 * Values that an attribute cannot have:
 *
 * - Setting a property to one throws a `RangeError` or, for what is not a number or a text, a `TypeError`. Nothing changes.
 * - An attribute that has one (in HTML) counts as missing: the property reads as its default, and the console says so once.
 * - Whole numbers are converted as `HTMLImageElement.width` is: fractions are cut off. A missing attribute reads as 0, so
 *   setting 0 removes the attribute; setting `maxZoom` to `Infinity` does so too.
 * - `null` and `undefined` remove the attribute, as in `Element.ariaLabel`. Frameworks unset a property in this way.
 */

import {
  CHOICES,
  type CheckedAttribute,
  type Choice,
  GREATEST,
  checkOptional,
  checkValue,
  parseAspect,
  parseAspects,
  parseBackground,
  parseChoice,
  parseInteger,
  parseMaxZoom,
  parseMinZoom,
} from './attributes.js'
import { FormControl } from './form.js'

type Unset = null | undefined

export class AttributeProperties extends FormControl {
  /** The frame's aspect ratio, `16:9`, reduced; `1:1` by default. `width` and `height` win over it. */
  get aspect(): string {
    return (parseAspect(this.getAttribute('aspect')) ?? [1, 1]).join(':')
  }
  set aspect(aspect: string | Unset) {
    setChecked(this, 'aspect', aspect)
  }

  /**
   * The shapes that the person can choose from, such as `1:1 4:3 free`; the first one is what a photo starts with. `width` and
   * `height` are then a box (512 x 512 by default): see {@link frame}. The empty text, no choice, by default.
   */
  get aspects(): string {
    const aspects = parseAspects(this.getAttribute('aspects')) ?? []
    return aspects.map((each) => (each === 'free' ? each : each.join(':'))).join(' ')
  }
  set aspects(aspects: string | Unset) {
    setChecked(this, 'aspects', aspects)
  }

  /** Columns of the output, 1 to 16,383. 0 when not set: they then follow `height` and `aspect`. */
  get width(): number {
    return getInteger(this, 'width')
  }
  set width(width: number | Unset) {
    setInteger(this, 'width', width)
  }

  /** Rows of the output, 1 to 16,383. 0 when not set: they then follow `width` and `aspect`. */
  get height(): number {
    return getInteger(this, 'height')
  }
  set height(height: number | Unset) {
    setInteger(this, 'height', height)
  }

  /** What is seen of the frame: all of it (`rectangle`, the default) or the ellipse in it (`round`). The picture is the whole frame. */
  get shape(): Choice<'shape'> {
    return getChoice(this, 'shape')
  }
  set shape(shape: Choice<'shape'> | Unset) {
    setChecked(this, 'shape', shape)
  }

  /** Columns of the smallest crop, in the photo's own pixels. 0, no bound, when not set. */
  get minWidth(): number {
    return getInteger(this, 'min-width')
  }
  set minWidth(width: number | Unset) {
    setInteger(this, 'min-width', width)
  }

  /** Rows of the smallest crop, in the photo's own pixels. 0, no bound, when not set. */
  get minHeight(): number {
    return getInteger(this, 'min-height')
  }
  set minHeight(height: number | Unset) {
    setInteger(this, 'min-height', height)
  }

  /** The output's format. `auto`, the default, is JPEG, or PNG when the output may have transparent pixels. */
  get format(): Choice<'format'> {
    return getChoice(this, 'format')
  }
  set format(format: Choice<'format'> | Unset) {
    setChecked(this, 'format', format)
  }

  /** Quality, 1 to 100. 0 when not set: a JPEG then has the engine's default, and a WebP is lossless. */
  get quality(): number {
    return getInteger(this, 'quality')
  }
  set quality(quality: number | Unset) {
    setInteger(this, 'quality', quality)
  }

  /** Largest output in bytes: the quality of a JPEG or lossy WebP is lowered to fit. 0 when not set: there is then no such limit. */
  get maxBytes(): number {
    return getInteger(this, 'max-bytes')
  }
  set maxBytes(bytes: number | Unset) {
    setInteger(this, 'max-bytes', bytes)
  }

  /** Whether a JPEG keeps the photo's gain map, by which displays show HDR: `keep`, or `none` (the default). */
  get hdr(): Choice<'hdr'> {
    return getChoice(this, 'hdr')
  }
  set hdr(hdr: Choice<'hdr'> | Unset) {
    setChecked(this, 'hdr', hdr)
  }

  /**
   * What is stored of the frame: all of it (`none`, the default), or the ellipse in it (`ellipse`: a circle in a square), with transparent
   * corners, as PNG or WebP. A JPEG has no mask.
   */
  get mask(): Choice<'mask'> {
    return getChoice(this, 'mask')
  }
  set mask(mask: Choice<'mask'> | Unset) {
    setChecked(this, 'mask', mask)
  }

  /** `#rrggbb` or `transparent`: the photo may then be smaller than the frame. The empty text by default. */
  get background(): string {
    return parseBackground(this.getAttribute('background')) ?? ''
  }
  set background(background: string | Unset) {
    setChecked(this, 'background', background)
  }

  /**
   * The attribute `name`, or the empty text. The form's parts are named by it: `avatar.receipt` and, for the only output,
   * `avatar`; of several outputs each is `avatar.NAME`. Without a name the parts are `receipt` and the outputs' names.
   */
  get name(): string {
    return this.getAttribute('name') ?? ''
  }
  set name(name: string | Unset) {
    setChecked(this, 'name', name)
  }

  /** Address of a photo that is opened by itself, or the empty text. Like `HTMLImageElement.src`, reading gives the absolute address. */
  get src(): string {
    return getUrl(this, 'src')
  }
  set src(url: string | URL | Unset) {
    setChecked(this, 'src', url)
  }

  /**
   * The least zoom that the person can reach, above 0 and at most 1. Counts with a {@link background}, where the photo may be smaller than
   * the frame. 0, as far as the whole photo is seen, when not set.
   */
  get minZoom(): number {
    return parseMinZoom(this.getAttribute('min-zoom')) ?? 0
  }
  set minZoom(zoom: number | Unset) {
    setChecked(this, 'min-zoom', zoom === 0 ? null : zoom)
  }

  /** The greatest zoom that the person can reach, at least 1. `Infinity`, no limit of the page's own, by default. */
  get maxZoom(): number {
    return parseMaxZoom(this.getAttribute('max-zoom')) ?? Number.POSITIVE_INFINITY
  }
  set maxZoom(zoom: number | Unset) {
    setChecked(this, 'max-zoom', zoom === Number.POSITIVE_INFINITY ? null : zoom)
  }

  /** When the wheel zooms: `always`, with the Ctrl key (`ctrl`), or also while the stage has the focus (`focus`). */
  get wheel(): Choice<'wheel'> {
    return getChoice(this, 'wheel')
  }
  set wheel(wheel: Choice<'wheel'> | Unset) {
    setChecked(this, 'wheel', wheel)
  }

  /** What one finger moves: the photo (`stage`, the default) or the page (`page`). Two fingers always move the photo. */
  get touch(): Choice<'touch'> {
    return getChoice(this, 'touch')
  }
  set touch(touch: Choice<'touch'> | Unset) {
    setChecked(this, 'touch', touch)
  }

  /** The controls under the stage: `bar` (the default), `full` (also with buttons to move the photo) or `none`. */
  get controls(): Choice<'controls'> {
    return getChoice(this, 'controls')
  }
  set controls(controls: Choice<'controls'> | Unset) {
    setChecked(this, 'controls', controls)
  }

  /** Whether there is a dial to straighten the photo, and two fingers turn it. */
  get straighten(): boolean {
    return this.hasAttribute('straighten')
  }
  set straighten(straighten: boolean) {
    this.toggleAttribute('straighten', Boolean(straighten))
  }

  /** As `HTMLInputElement.accept`: the files that the dialog offers. The empty text, every format of the engine, by default. */
  get accept(): string {
    return this.getAttribute('accept') ?? ''
  }
  set accept(accept: string | Unset) {
    setText(this, 'accept', accept)
  }

  /** As `HTMLInputElement.capture`: `user` or `environment`, the camera that telephones open in place of the dialog. */
  get capture(): string {
    return this.getAttribute('capture') ?? ''
  }
  set capture(capture: string | Unset) {
    setText(this, 'capture', capture)
  }

  /**
   * What happens where the engine cannot run: the form sends the photo itself and the recipe, of which the server makes the
   * picture (`source`, the default), or the photo is refused (`none`).
   */
  get fallback(): Choice<'fallback'> {
    return getChoice(this, 'fallback')
  }
  set fallback(fallback: Choice<'fallback'> | Unset) {
    setChecked(this, 'fallback', fallback)
  }

  /** Whether several photos can be chosen, each with a picture of its own. The form gets them as `NAME-1`, `NAME-2` and so on. */
  get multiple(): boolean {
    return this.hasAttribute('multiple')
  }
  set multiple(multiple: boolean) {
    this.toggleAttribute('multiple', Boolean(multiple))
  }

  /**
   * Address of what the server takes, `/v1/limits`: a file with more bytes or pixels is refused as soon as it is chosen. Absolute
   * when it is read, or the empty text.
   */
  get limits(): string {
    return getUrl(this, 'limits')
  }
  set limits(url: string | URL | Unset) {
    setChecked(this, 'limits', url)
  }

  /**
   * The policy token (docs/POLICY.md) with which the picture will be uploaded. What it allows guides the person from the next photo on;
   * it is not sent. The empty text by default.
   */
  get policy(): string {
    return this.getAttribute('policy') ?? ''
  }
  set policy(token: string | Unset) {
    setChecked(this, 'policy', token)
  }

  /** Whether the form can be submitted only with a picture. */
  get required(): boolean {
    return this.hasAttribute('required')
  }
  set required(required: boolean) {
    this.toggleAttribute('required', Boolean(required))
  }

  /** Whether the element is disabled by itself. Its fieldset can disable it too. */
  get disabled(): boolean {
    return this.hasAttribute('disabled')
  }
  set disabled(disabled: boolean) {
    this.toggleAttribute('disabled', Boolean(disabled))
  }

  /**
   * Address of worker.js; by default beside the element's module. As with `HTMLImageElement.src`, reading gives the absolute
   * address, or the empty text. Like the addresses of the wasm modules it is used when the first photo is opened.
   */
  get workerUrl(): string {
    return getUrl(this, 'worker-url')
  }
  set workerUrl(url: string | URL | Unset) {
    setChecked(this, 'worker-url', url)
  }

  /** Address of truecrop_bg.wasm, the module with the web's formats; by default in wasm/ beside the worker. */
  get wasmUrl(): string {
    return getUrl(this, 'wasm-url')
  }
  set wasmUrl(url: string | URL | Unset) {
    setChecked(this, 'wasm-url', url)
  }

  /** Address of truecrop_jpeg_bg.wasm, the small module for JPEGs; by default in wasm/ beside the worker. */
  get jpegWasmUrl(): string {
    return getUrl(this, 'jpeg-wasm-url')
  }
  set jpegWasmUrl(url: string | URL | Unset) {
    setChecked(this, 'jpeg-wasm-url', url)
  }

  /**
   * Address of truecrop_all_bg.wasm, which reads the rare formats too (TIFF, BMP, ICO, TGA, PNM, QOI); by default in wasm/
   * beside the worker. When `wasmUrl` is given without it, rare formats are refused.
   */
  get allWasmUrl(): string {
    return getUrl(this, 'all-wasm-url')
  }
  set allWasmUrl(url: string | URL | Unset) {
    setChecked(this, 'all-wasm-url', url)
  }

  /**
   * Address of truecrop_heic_bg.wasm, which reads HEIC beside JPEG; by default in wasm/ beside the worker. When `wasmUrl` is given
   * without it, HEIC goes to the module with all formats, and is refused where that has no address either.
   */
  get heicWasmUrl(): string {
    return getUrl(this, 'heic-wasm-url')
  }
  set heicWasmUrl(url: string | URL | Unset) {
    setChecked(this, 'heic-wasm-url', url)
  }

  /**
   * What is decoded beside the web's formats: HEIC (`heic`, the default), also what the browser alone can decode, such as AVIF
   * (`platform`: the receipt says so), or nothing (`none`: for those whom the patents on HEVC worry). Used when the next photo is opened.
   */
  get decoders(): Choice<'decoders'> {
    return getChoice(this, 'decoders')
  }
  set decoders(decoders: Choice<'decoders'> | Unset) {
    setChecked(this, 'decoders', decoders)
  }
}

/**
 * Applies properties that were set before the element was upgraded, as frameworks do. Such a property lies on the object
 * itself and hides the accessor of the class.
 */
export function applyEarlyProperties(element: object, names: readonly string[]): void {
  const own = element as Record<string, unknown>
  for (const name of names) {
    if (!Object.hasOwn(own, name)) continue
    const value = own[name]
    delete own[name]
    try {
      own[name] = value
    } catch (error) {
      // Nobody who could catch it is there any more, and the other properties count all the same.
      reportError(error)
    }
  }
}

export function setText(element: Element, attribute: string, value: unknown): void {
  if (value === null || value === undefined) element.removeAttribute(attribute)
  else element.setAttribute(attribute, String(value))
}

/** Sets an attribute to a value that it can have; `null` and `undefined` remove it. */
function setChecked(element: Element, attribute: CheckedAttribute, value: unknown): void {
  checkOptional(attribute, value)
  setText(element, attribute, value)
}

export function getChoice<A extends keyof typeof CHOICES>(element: Element, attribute: A): Choice<A> {
  return parseChoice(attribute, element.getAttribute(attribute)) ?? CHOICES[attribute][0]
}

function getInteger(element: Element, attribute: keyof typeof GREATEST): number {
  return parseInteger(attribute, element.getAttribute(attribute)) ?? 0
}

function setInteger(element: Element, attribute: keyof typeof GREATEST, value: number | Unset): void {
  const number = Math.trunc(Number(value ?? 0))
  if (number !== 0) checkValue(attribute, Number.isNaN(number) ? value : number)
  setText(element, attribute, number || null)
}

function getUrl(element: Element, attribute: string): string {
  const text = element.getAttribute(attribute)
  if (!text) return ''
  try {
    return new URL(text, element.baseURI).href
  } catch {
    return text
  }
}
