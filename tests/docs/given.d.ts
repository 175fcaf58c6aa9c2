// What the code blocks of the docs take for granted: the application around them.
import type Uppy from '@uppy/core'
import type { Express } from 'express'
import type { create } from 'filepond'
import type { writeFile as write } from 'node:fs/promises'
import type { Facts, Photo, Result } from 'truecrop'
import type { TrueCrop } from 'truecrop/element'

declare global {
  // What a page has.
  const element: TrueCrop
  const crop: TrueCrop
  const file: File
  const form: HTMLFormElement
  const input: HTMLInputElement
  const bar: HTMLProgressElement
  const message: HTMLElement
  const signal: AbortSignal
  const bytes: ArrayBuffer
  const photo: Photo
  function show(code: string, message: string): void
  function setPreview(picture: Blob | undefined): void

  // Other libraries.
  const cropper: {
    getData(): { x: number; y: number; width: number; height: number; rotate: number; scaleX: number; scaleY: number }
  }
  const croppedArea: { x: number; y: number; width: number; height: number }
  const rotation: number
  const uppy: Uppy
  const id: string
  const FilePond: { create: typeof create }

  // What a back end has.
  const app: Express
  const writeFile: typeof write
  const user: { id: string }
  function save(...of: unknown[]): Promise<void>
  namespace Express {
    interface Request {
      user: { id: string }
    }
  }
}
