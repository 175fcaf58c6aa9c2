// JPEGs with colour profiles that the tests of the small module and of the element need.

/** The JPEG with this profile in front of its other segments. */
export function withProfile(jpeg: Uint8Array, profile: Uint8Array): Buffer {
  const head = Buffer.from([0xff, 0xe2, 0, 0])
  const content = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile])
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)])
}

/** A profile that is nothing but tables (lut8Type, two points along each channel): it makes red of green, green of blue, blue of red. */
export function turningProfile(): Buffer {
  const gray = 128 / 2
  const identity = Array.from({ length: 256 }, (_, i) => i)
  const corners = Array.from({ length: 8 }, (_, i) => [(i >> 1) & 1, i & 1, (i >> 2) & 1].map((bit) => bit * gray)).flat()
  const matrix = Array.from({ length: 9 }, (_, i) => [0, i % 4 === 0 ? 1 : 0, 0, 0]).flat()
  const tables = [...identity, ...identity, ...identity, ...corners, ...identity, ...identity, ...identity]
  const tag = Buffer.concat([Buffer.from('mft1\0\0\0\0\x03\x03\x02\0', 'latin1'), Buffer.from([...matrix, ...tables])])
  const profile = Buffer.alloc(128 + 16 + tag.length)
  profile.writeUInt32BE(profile.length, 0)
  profile[8] = 2
  profile.write('scnrRGB XYZ ', 12, 'latin1')
  profile.write('acsp', 36, 'latin1')
  profile.writeUInt32BE(1, 128)
  profile.write('A2B0', 132, 'latin1')
  profile.writeUInt32BE(144, 136)
  profile.writeUInt32BE(tag.length, 140)
  tag.copy(profile, 144)
  return profile
}
