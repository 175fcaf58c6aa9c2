// Only compiled: the types that the package ships must be found and must fit.
import { openPhoto, type Photo, TruecropError } from 'truecrop'
import init, { Session, TruecropError as ErrorOfCore } from 'truecrop/core'
import * as all from 'truecrop/core/all'
import * as heic from 'truecrop/core/heic'
import * as jpeg from 'truecrop/core/jpeg'
import { TrueCrop } from 'truecrop/element'
import * as define from 'truecrop/element/define'
import * as inline from 'truecrop/inline'
import * as node from 'truecrop/node'
import { upload, type Uploaded } from 'truecrop/upload'
import 'truecrop/worker'

export async function crop(file: File): Promise<FormData> {
  const photo: Photo = await openPhoto(file)
  const { crop } = await photo.solve({ zoom: 2, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }, [1, 1])
  const outputs = [{ name: 'main', width: 256, height: 256, format: 'jpeg' as const }]
  const result = await photo.render({ truecrop: 1, crop, outputs })
  return result.toFormData()
}

export const element: HTMLElement = new TrueCrop()
export const open = (bytes: Uint8Array | ArrayBuffer): Session => Session.fromBytes(bytes, { maxPixels: 1e6 })

/** The listener's event is the element's own, when it is added and when it is removed. */
export function listen(crop: TrueCrop): () => void {
  const listener = (event: CustomEvent<TruecropError>): string => event.detail.code
  crop.addEventListener('truecrop-error', listener)
  crop.addEventListener('change', ({ detail }) => detail.result.receipt.length)
  return () => crop.removeEventListener('truecrop-error', listener)
}

export const errors: (typeof TruecropError)[] = [ErrorOfCore, define.TruecropError, inline.TruecropError]
export const engines = async (): Promise<string[]> => {
  await Promise.all([init(), all.init(), heic.init(), jpeg.default()])
  return [all.engineVersion(), heic.engineVersion(), jpeg.engineVersion()]
}
export const found: define.TrueCrop | null = document.querySelector('true-crop')

/** A route handler. */
export async function post(request: Request): Promise<Response> {
  try {
    const { pictures, fields } = await node.receive(request, { required: ['avatar'], policy: { aspects: ['1:1'] } })
    const avatar: node.Picture | undefined = pictures['avatar']
    return Response.json({ bytes: avatar?.output.bytes.length, level: avatar?.verdict.level, name: fields.get('name') })
  } catch (error) {
    return node.problemResponse(error)
  }
}

export const cropped = (photo: string | Blob): Promise<node.Cropped> => node.crop(photo, { width: 512, height: 512, zoom: 2 })
export const send = (crop: TrueCrop): Promise<Uploaded> | undefined =>
  crop.result && upload({ main: { result: crop.result, source: crop.file } }, { endpoint: 'https://pictures.example' })
