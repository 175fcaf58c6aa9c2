// Only compiled: the types that the package ships must be found and must fit.
import { openPhoto, type Photo } from 'truecrop'
import { Session } from 'truecrop/core'
import { TrueCrop } from 'truecrop/element'

export async function crop(file: File): Promise<FormData> {
  const photo: Photo = await openPhoto(file)
  const { crop } = await photo.solve({ zoom: 2, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }, [1, 1])
  const outputs = [{ name: 'main', width: 256, height: 256, format: 'jpeg' as const }]
  const result = await photo.render({ truecrop: 1, crop, outputs })
  return result.toFormData()
}

export const element: HTMLElement = new TrueCrop()
export const open = (bytes: Uint8Array): Session => Session.fromBytes(bytes, undefined)
