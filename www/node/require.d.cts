// Types of `require('truecrop/node')`.
import type * as node from './index.js' with { 'resolution-mode': 'import' }

export declare const crop: typeof node.crop
export declare const make: typeof node.make
export declare const probe: typeof node.probe
export declare const receive: typeof node.receive
export declare const verify: typeof node.verify
export declare const problemResponse: typeof node.problemResponse
export declare const toProblem: typeof node.toProblem
/** Holds for what begins later; the promise need not be waited for. */
export declare const configure: (settings: node.Settings) => Promise<void>
/** For `instanceof` alone: the errors are made by the module. */
export declare const TruecropError: { [Symbol.hasInstance](error: unknown): error is node.TruecropError }
export type TruecropError = node.TruecropError
export type {
  Cropped,
  Facts,
  Form,
  FormRequest,
  Level,
  Limits,
  Options,
  Output,
  OutputFacts,
  Picture,
  Policy,
  Problem,
  Receipt,
  ReceiveOptions,
  Recipe,
  Settings,
  Source,
  Submitted,
  Verdict,
  VerifyOptions,
  Wanted,
} from './index.js' with { 'resolution-mode': 'import' }
