// What truecrop wants to reach. The bench prints these beside the figures and asserts nothing.

/** In process, first crop: at most this share of sharp's CPU time. */
export const toSharp = {
  '8k tl': 0.5,
  '8k br': 0.3,
  '8k mid': 0.45,
  '8k big': 0.6,
  '8k whole': 0.5,
  '8k-progressive whole': 0.1,
  '8k-progressive br': 0.55,
  '108mp br': 0.35,
  '108mp whole': 0.5,
  '108mp-progressive whole': 0.1,
  '8k-png br': 0.7,
  '8k-adam7 br': 0.5,
}

/** The second crop of the same photo. */
export const againToSharp = { '8k br': 0.06, '108mp br': 0.06 }

/** dB against the ideal, at least; output pixels of displacement, at most. */
export const quality = { psnr: 50, shift: 0.01 }

/** MB above the idle process, at most: JPEG and PNG with an output of 512 x 512 or less. */
export const peak = 4

/** In a browser: at most this share of the better of ImageDecoder and createImageBitmap in a worker. */
export const toBrowser = {
  '8k whole': 0.6,
  '8k zoom 4': 0.45,
  '108mp whole': 0.7,
  '108mp zoom 40, corner': 0.35,
}

/** In a browser, second crop, window a quarter of the picture or less: milliseconds. */
export const again = 30

/** Wasm linear memory in MB. */
export const linear = 8

/** KB of wasm by brotli: what a JPEG needs; the module with every format. */
export const modules = { jpeg: 64, every: 220 }
