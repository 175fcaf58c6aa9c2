"""Makes tests/fixtures/hdr: JPEGs with gain maps, as Ultra HDR (Adobe's hdrgm in XMP) and ISO 21496-1 write them. Run by a
developer, not by the tests: the files are committed.

    python3 scripts/hdr_fixtures.py

Made with Pillow 13.0 and numpy 2.4 out of nothing (waves) and a colour profile of tests/fixtures; the containers are written here. `maps.txt` says of
each file what a reader must find: the map's size, or why there is none that can be used.
"""

import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures"
OUT = FIXTURES / "hdr"
P3 = Image.open(FIXTURES / "cat-p3.jpg").info["icc_profile"]
FOUND = []


def scene(width, height):
    """Light in 0 to 4 times white, RGB: slow waves, so that a map of a quarter of the size holds what is above 1."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    u, v = x / width, y / height
    base = 0.45 + 0.3 * np.sin(5 * u + 3 * v) + 0.2 * np.cos(4 * v - 2 * u)
    tint = np.stack([base * (0.9 + 0.1 * u), base, base * (1 - 0.2 * v)], 2).clip(0.02, 1)
    boost = np.exp2(2 * np.exp(-(((u - 0.6) / 0.3) ** 2) - ((v - 0.4) / 0.35) ** 2))
    return tint, boost


def encode_srgb(light):
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def bytes_of(values):
    return (values.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def jpeg(pixels, quality=95, subsampling=0, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=subsampling, **options)
    return buffer.getvalue()


def segment(marker, content):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def after_soi(file, *segments):
    return file[:2] + b"".join(segments) + file[2:]


def xmp(body):
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{body}</rdf:RDF></x:xmpmeta>'.encode())


def hdrgm(numbers, hdr_base="False"):
    least, most, gamma, base, alternate, low, high = numbers
    lists, attributes = "", ""
    for name, values in [("GainMapMin", least), ("GainMapMax", most), ("Gamma", gamma), ("OffsetSDR", base), ("OffsetHDR", alternate)]:
        if isinstance(values, (list, tuple)):
            lists += f"<hdrgm:{name}><rdf:Seq>" + "".join(f"<rdf:li>{v}</rdf:li>" for v in values) + f"</rdf:Seq></hdrgm:{name}>"
        else:
            attributes += f' hdrgm:{name}="{values}"'
    return xmp(f'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"{attributes} hdrgm:HDRCapacityMin="{low}" hdrgm:HDRCapacityMax="{high}" hdrgm:BaseRenditionIsHDR="{hdr_base}">{lists}</rdf:Description>')


def iso(numbers=None, flags=0x40):
    name = b"urn:iso:std:iso:ts:21496:-1\0"
    if numbers is None:
        return segment(0xE2, name + bytes(4))
    least, most, gamma, base, alternate, low, high = numbers
    several = isinstance(most, (list, tuple))
    data = bytes(4) + bytes([flags | (0x80 if several else 0)])
    unsigned = lambda v: struct.pack(">II", round(v * 10**6), 10**6)
    signed = lambda v: struct.pack(">iI", round(v * 10**6), 10**6)
    data += unsigned(low) + unsigned(high)
    each = lambda v, i: v[i] if isinstance(v, (list, tuple)) else v
    for i in range(3 if several else 1):
        data += signed(each(least, i)) + signed(each(most, i)) + unsigned(each(gamma, i)) + signed(each(base, i)) + signed(each(alternate, i))
    return segment(0xE2, name + data)


def directory(*items):
    parts = "".join(f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="{semantic}" Item:Mime="{mime}"{rest}/></rdf:li>' for semantic, mime, rest in items)
    if parts:
        parts = f"<Container:Directory><rdf:Seq>{parts}</rdf:Seq></Container:Directory>"
    return xmp(f'<rdf:Description xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0">{parts}</rdf:Description>')


def exif(orientation):
    return segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0))


def mpf(pictures):
    """`pictures`: (bytes, offset from behind the name) of all, the first with offset 0."""
    index = b"II*\0" + struct.pack("<IH", 8, 3)
    index += struct.pack("<HHI4s", 0xB000, 7, 4, b"0100") + struct.pack("<HHII", 0xB001, 4, 1, len(pictures))
    index += struct.pack("<HHII", 0xB002, 7, 16 * len(pictures), 50) + bytes(4)
    for i, (length, offset) in enumerate(pictures):
        index += struct.pack("<IIIHH", 0x30000 if i == 0 else 0, length, offset, 0, 0)
    return segment(0xE2, b"MPF\0" + index)


NUMBERS = (0, 2, 1, 0.015625, 0.015625, 0, 2)


def join(base, second, *, numbers=NUMBERS, orientation=None, in_xmp=True, in_iso=True, index=True, parts=True, before=b"", behind=b"", shift=0, items=(), hdr_base="False", flags=0x40):
    """A file of a base and a map. `before`: another picture between the two, listed first; `shift`: how wrong the index is."""
    own = ([hdrgm(numbers, hdr_base)] if in_xmp else []) + ([iso(numbers, flags)] if in_iso else [])
    second = after_soi(second, *own)
    segments = [exif(orientation)] if orientation else []
    if in_xmp:
        listed = [("Primary", "image/jpeg", ""), ("GainMap", "image/jpeg", f' Item:Length="{len(second)}"'), *items]
        segments.append(directory(*(listed if parts else [])))
    if in_iso:
        segments.append(iso())
    if index:
        count = 3 if before else 2
        size = len(mpf([(0, 0)] * count))
        start = 2 + sum(map(len, segments)) + 8
        whole = len(base) + sum(map(len, segments)) + size
        at = whole - start + shift
        pictures = [(whole, 0)] + ([(len(before), at)] if before else []) + [(len(second), at + len(before))]
        segments.append(mpf(pictures))
    return after_soi(base, *segments) + before + second + behind


def save(name, file, found):
    (OUT / name).write_bytes(file)
    FOUND.append(f"{name} {found}\n")


def pictures(width, height, times, channels=1, gain=2.0):
    """A base and its map, `times` smaller. Gains of three channels differ a little."""
    tint, boost = scene(width, height)
    small = scene(-(-width // times), -(-height // times))[1]
    stops = np.log2(small) / gain
    map_ = bytes_of(stops if channels == 1 else np.stack([stops, stops * 0.9, stops * 0.8], 2))
    return bytes_of(encode_srgb(tint)), map_


def stored(pixels, orientation):
    turn = {2: lambda p: p[:, ::-1], 3: lambda p: p[::-1, ::-1], 4: lambda p: p[::-1], 5: lambda p: p.swapaxes(0, 1), 6: lambda p: p.swapaxes(0, 1)[::-1], 7: lambda p: p[::-1, ::-1].swapaxes(0, 1), 8: lambda p: p.swapaxes(0, 1)[:, ::-1]}
    return np.ascontiguousarray(turn.get(orientation, lambda p: p)(pixels))


def usable():
    base, map_ = pictures(256, 192, 4)
    save("both.jpg", join(jpeg(base), jpeg(map_)), "64 x 48")
    save("xmp-only.jpg", join(jpeg(base, 85, 2), jpeg(map_, 85), in_iso=False, index=False), "64 x 48")
    save("iso-only.jpg", join(jpeg(base, 85, 2), jpeg(map_, 85), in_xmp=False), "64 x 48")
    save("index-only.jpg", join(jpeg(base, 85, 2), jpeg(map_, 85), parts=False), "64 x 48")
    save("wrong-index.jpg", join(jpeg(base, 85, 2), jpeg(map_, 85), shift=77), "64 x 48")
    save("progressive-map.jpg", join(jpeg(base, 85, 2), jpeg(map_, 85, progressive=True)), "64 x 48")
    preview = jpeg(base[::4, ::4].copy(), 70)
    save("preview-first.jpg", join(jpeg(base, 85, 2), jpeg(map_, 85), before=preview), "64 x 48")
    video = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(400)
    item = [("MotionPhoto", "video/mp4", f' Item:Length="{len(video)}"')]
    save("motion-photo.jpg", join(jpeg(base, 85, 2), jpeg(map_, 85), index=False, behind=video, items=item), "64 x 48")
    inner = join(jpeg(map_, 85), jpeg(map_[::2, ::2].copy(), 85), index=True)
    save("nested.jpg", join(jpeg(base, 85, 2), inner, in_iso=True), "64 x 48")
    gray_p3 = after_soi(jpeg(base, 85, 2), segment(0xE2, b"ICC_PROFILE\0\x01\x01" + P3))
    save("p3-gray.jpg", join(gray_p3, jpeg(map_, 85)), "64 x 48")
    odd, odd_map = pictures(123, 77, 4)
    save("odd-sides.jpg", join(jpeg(odd), jpeg(odd_map)), "31 x 20")
    full, rgb = pictures(128, 96, 1, 3)
    numbers = ((0, 0, 0), (2, 1.8, 1.6), 1, 0.015625, 0.015625, 0, 2)
    save("rgb-full.jpg", join(jpeg(full), jpeg(rgb), numbers=numbers), "128 x 96")
    negative = (-0.5, 2, 1.25, 1e-07, 1e-07, 0, 2.3)
    save("other-numbers.jpg", join(jpeg(full, 85, 2), jpeg(map_, 85), numbers=negative, in_iso=False), "64 x 48")
    small, small_map = pictures(96, 64, 4)
    for orientation in range(1, 9):
        parts = [jpeg(stored(p, orientation), 90) for p in (small, small_map)]
        size = "16 x 24" if orientation > 4 else "24 x 16"
        save(f"orientation-{orientation}.jpg", join(*parts, orientation=orientation), size)


def unusable():
    base, map_ = pictures(64, 48, 4)
    base, second = jpeg(base, 85, 2), jpeg(map_, 85)
    good = join(base, second)
    save("map-missing.jpg", good[: good.index(b"\xff\xd9\xff\xd8") + 2], "none: the file ends before it")
    save("map-cut.jpg", good[:-40], "none: the file ends within it")
    shorter = bytearray(join(base, second[:-60] + b"\xff\xd9"))
    save("map-truncated.jpg", bytes(shorter), "16 x 12, truncated")
    huge = bytearray(second)
    at = huge.index(b"\xff\xc0")
    huge[at + 5 : at + 9] = struct.pack(">HH", 60000, 60000)
    save("map-absurd.jpg", join(base, bytes(huge)), "none: it is larger than its base")
    save("map-larger.jpg", join(base, jpeg(pictures(65, 48, 1)[1], 85)), "none: it is larger than its base")
    save("wrong-index-alone.jpg", join(base, second, shift=9, in_xmp=False), "none: the index is wrong")
    save("index-beyond.jpg", join(base, second, shift=2**31, in_xmp=False), "none: the index is wrong")
    save("hdr-base.jpg", join(base, second, in_iso=False, hdr_base="True"), "none: the base is the brighter picture")
    save("hdr-base-iso.jpg", join(base, second, in_xmp=False, flags=0x44), "none: the base is the brighter picture")
    save("no-numbers.jpg", join(base, second).replace(b"GainMapMax", b"GainMapMux").replace(iso(NUMBERS), b""), "none: no numbers")
    save("absurd-numbers.jpg", join(base, second, numbers=(5, 2, 1, 0, 0, 0, 2)), "none: its numbers make no sense")
    save("no-headroom.jpg", join(base, second, numbers=(0, 2, 1, 0, 0, 2, 2)), "none: its numbers make no sense")
    save("cmyk-map.jpg", join(base, cmyk(map_)), "none: four components")
    rgb = pictures(64, 48, 4, 3)[1]
    rgb_p3 = after_soi(base, segment(0xE2, b"ICC_PROFILE\0\x01\x01" + P3))
    save("p3-rgb.jpg", join(rgb_p3, jpeg(rgb, 85)), "16 x 12, for other primaries")
    own = after_soi(jpeg(rgb, 85), segment(0xE2, b"ICC_PROFILE\0\x01\x01" + P3))
    save("alternate-space.jpg", join(base, own, in_xmp=False, flags=0), "16 x 12, for other primaries")


def cmyk(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("CMYK").save(buffer, "JPEG")
    return buffer.getvalue()


OUT.mkdir(parents=True, exist_ok=True)
usable()
unusable()
(OUT / "maps.txt").write_text("".join(FOUND))
