"""Real HEICs, folder by folder: what `truecrop crop` and the wasm modules make of them, against libheif. Called by heic_conformance.py.

A file is right where

- crops at two of its corners and in its middle, one output pixel for each of its own, and the whole picture where it has at most `WHOLE` pixels, are
  what the formulas of docs/FORMATS.md make of the planes that libheif decodes (more than 8 bits: within one level, which a PNG rounds);
- the luma of these crops is within `LUMA` levels of libheif's own RGB, which libheif has turned, mirrored and cut by itself;
- with the file's profile, they are within `COLOR` levels of what lcms2 makes of the formulas' pixels;
- the whole picture, made small, is as libheif's RGB made small by Pillow, give or take `SMALL` levels in the mean; and
- the modules `truecrop_heic` and `truecrop_all` in Node write the same JPEG as the command line, byte for byte.

The boxes are read here once more, by another hand than the engine's.
"""

import collections
import hashlib
import io
import json
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from heic_fixtures import box, full, nclx, pixels, planes_of

SUFFIXES = (".heic", ".heif", ".hif")
WHOLE = 1_500_000
WINDOW = 512
LUMA = 3.0
COLOR = 3
SMALL = 4.0
OUTCOMES = ["right", "refused by both", "refused by truecrop", "refused by libheif", "truncated", "known", "wrong"]
SRGB = ImageCms.createProfile("sRGB")


def boxes(data, at, end):
    """Kind, first byte, first byte of the content, and the byte behind it."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        size = size or end - at
        yield kind, at, at + head, min(at + size, end)
        at += max(size, head)


@dataclass
class Facts:
    """What the lists of a file say of its primary picture."""

    kinds: dict = field(default_factory=dict)
    primary: int = 0
    properties: list = field(default_factory=list)
    of: dict = field(default_factory=dict)
    essential: dict = field(default_factory=dict)
    tile: int = 0
    # the primary picture is said to be the small one of another, which pillow-heif then shows
    is_thumbnail: bool = False

    def own(self, item):
        return [self.properties[n - 1] for n in self.of.get(item, []) if 0 < n <= len(self.properties)]

    @property
    def coded(self):
        return self.tile or self.primary


def facts_of(data):
    facts = Facts()
    meta = next((content, end) for kind, _, content, end in boxes(data, 0, len(data)) if kind == b"meta")
    for kind, _, at, end in boxes(data, meta[0] + 4, meta[1]):
        version = data[at]
        if kind == b"pitm":
            facts.primary = struct.unpack_from(">I" if version else ">H", data, at + 4)[0]
        elif kind == b"iinf":
            for _, _, start, _ in boxes(data, at + (8 if version else 6), end):
                wide = data[start] == 3
                facts.kinds[struct.unpack_from(">I" if wide else ">H", data, start + 4)[0]] = bytes(data[start + (10 if wide else 8):][:4])
        elif kind == b"iref":
            for what, _, start, _ in boxes(data, at + 4, end):
                numbers = struct.unpack_from(">IHI" if version else ">HHH", data, start)
                facts.is_thumbnail |= what == b"thmb" and numbers[0] == facts.primary
                if what == b"dimg" and numbers[0] == facts.primary and facts.kinds.get(facts.primary) == b"grid":
                    facts.tile = numbers[2]
        elif kind == b"iprp":
            for part, _, start, stop in boxes(data, at, end):
                if part == b"ipco":
                    facts.properties = [(k, first, content, last) for k, first, content, last in boxes(data, start, stop)]
                elif part == b"ipma":
                    read_associations(facts, data, start)
    return facts


def read_associations(facts, data, at):
    version, wide = data[at], data[at + 3] & 1
    count = struct.unpack_from(">I", data, at + 4)[0]
    at += 8
    for _ in range(count):
        item = struct.unpack_from(">I" if version else ">H", data, at)[0]
        at += 4 if version else 2
        entries = data[at]
        at += 1
        step = 2 if wide else 1
        numbers = [int.from_bytes(data[at + n * step:at + n * step + step], "big") for n in range(entries)]
        facts.of[item] = [n & (0x7FFF if wide else 0x7F) for n in numbers]
        facts.essential[item] = [bool(n >> (15 if wide else 7)) for n in numbers]
        at += entries * step


def color_of(data, facts):
    """Matrix and range by `nclx`, or None; and the profile. A grid that says nothing has its first tile's."""
    own = [p for p in facts.own(facts.primary) if p[0] == b"colr"] or [p for p in facts.own(facts.coded) if p[0] == b"colr"]
    codes = profile = None
    for _, _, at, end in own:
        kind = bytes(data[at:at + 4])
        if kind == b"nclx" and codes is None:
            codes = struct.unpack_from(">HHHB", data, at + 4)
        elif kind in (b"prof", b"rICC") and profile is None:
            profile = bytes(data[at + 4:end])
    return codes, profile


def shown_of(data, facts, size):
    """What `clap` leaves; then turns and mirrors, in their order."""
    shown, turns = (0, 0, *size), []
    for kind, _, at, _ in facts.own(facts.primary):
        if kind == b"clap":
            w, wd, h, hd, x, xd, y, yd = struct.unpack_from(">IIIIiIiI", data, at)
            width, height = round(w / wd), round(h / hd)
            shown = (int(x / xd + (size[0] - w / wd) / 2 // 1), int(y / yd + (size[1] - h / hd) / 2 // 1), width, height)
        elif kind in (b"irot", b"imir"):
            turns.append((kind, data[at]))
    return shown, turns


def turned(image, turns):
    for kind, value in turns:
        if kind == b"irot":
            image = np.rot90(image, value & 3)
        else:
            image = image[:, ::-1] if value & 1 else image[::-1]
    return image


def with_colors(data, facts, codes):
    """The file saying of its colours nothing but a matrix and a range: with another list of properties at its end."""
    start, end = next((first, end) for kind, first, _, end in boxes(data, 0, len(data)) if kind == b"meta")
    head = next(content for kind, _, content, _ in boxes(data, 0, len(data)) if kind == b"meta")
    properties = [b"" if kind == b"colr" else bytes(data[first:last]) for kind, first, _, last in facts.properties]
    properties = [one or box(b"free") for one in properties]
    properties.append(nclx(2, 2, codes[0], codes[1] >> 7))
    colors = {n for n, one in enumerate(facts.properties, 1) if one[0] == b"colr"}
    entries = b""
    for item, numbers in facts.of.items():
        kept = [(n, essential) for n, essential in zip(numbers, facts.essential[item]) if n not in colors]
        if item == facts.primary:
            kept.append((len(properties), False))
        entries += struct.pack(">IB", item, len(kept)) + b"".join(struct.pack(">H", n | essential << 15) for n, essential in kept)
    lists = box(b"iprp", box(b"ipco", *properties), full(b"ipma", 1, 1, struct.pack(">I", len(facts.of)), entries))
    others = [bytes(data[first:last]) for kind, first, _, last in boxes(data, head + 4, end) if kind != b"iprp"]
    changed = bytearray(data)
    changed[start + 4:start + 8] = b"free"
    return bytes(changed) + full(b"meta", 0, 0, *others, lists)


# What libheif brings planes to; those of a picture that says so are as they are coded.
USUAL = (6, 128)


def said_by_stream(path, copy, data, facts):
    """Matrix and range of a picture whose stream alone tells them: those that make libheif do what it does by itself."""
    theirs = planes_of(path, turned=False, as_coded=True)
    for codes in (USUAL, (6, 0), (0, 0), (0, 128), (5, 0), (5, 128), (2, 0), (1, 0), (1, 128), (9, 0), (9, 128), (7, 0), (4, 0)):
        copy.write_bytes(with_colors(data, facts, codes))
        made = planes_of(copy, turned=False, as_coded=True)
        if all(np.array_equal(made[plane][0], theirs[plane][0]) for plane in theirs):
            return codes
    raise ValueError("libheif does what no matrix does")


class Run:
    """The tools that files are run through."""

    def __init__(self, binary, scratch):
        self.binary, self.scratch = binary, Path(scratch)

    def crop(self, path, crop, size, suffix="png", *options):
        """The output's bytes and None, or None and the refusal."""
        out = self.scratch / f"out.{suffix}"
        where = ["--crop", ",".join(map(str, crop))] if crop else []
        kind = {"png": "png", "jpg": "jpeg"}[suffix]
        arguments = [self.binary, "crop", path, *where, "--size", f"{size[0]}x{size[1]}", "--format", kind, "-o", out, *options]
        run = subprocess.run(arguments, capture_output=True, text=True)
        if run.returncode:
            return None, json.loads(run.stderr.strip().splitlines()[-1])
        return out.read_bytes(), None

    def pixels(self, path, crop, size, *options):
        data, refusal = self.crop(path, crop, size, "png", *options)
        assert data, refusal
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")).astype(np.int64)


def windows(width, height):
    w, h = min(WINDOW, width), min(WINDOW, height)
    places = [(0, 0), (width - w, height - h), ((width - w) // 2 | 1, (height - h) // 2 | 1)]
    found = {(min(x, width - w), min(y, height - h), w, h) for x, y in places}
    if width * height <= WHOLE:
        found.add((0, 0, width, height))
    return sorted(found)


class Expected:
    """The upright picture by the formulas, made where it is asked for."""

    def __init__(self, path, data, facts, scratch):
        codes, self.profile = color_of(data, facts)
        copy = Path(scratch) / "as-coded.heic"
        copy.write_bytes(with_colors(data, facts, USUAL))
        self.planes = planes_of(copy, turned=False, as_coded=True)
        said = codes[2:] if codes else said_by_stream(path, copy, data, facts)
        self.matrix, self.full_range = {2: 6, 5: 6}.get(said[0], said[0]), said[1] >> 7
        height, width = self.planes["Y"][0].shape
        self.bits = self.planes["Y"][1]
        self.shown, self.turns = shown_of(data, facts, (width, height))
        # where the stored pixels are that are seen
        x, y, w, h = self.shown
        self.places = turned(np.arange(w * h, dtype=np.int64).reshape(h, w), self.turns)

    def window(self, x, y, w, h):
        """RGBA of 8 bits."""
        places = self.places[y:y + h, x:x + w]
        width, height = self.shown[2:]
        rows, columns = places // width, places % width
        # chroma is mixed with the samples beside it
        left, top = max(0, columns.min() - 4), max(0, rows.min() - 4)
        right, bottom = min(width, columns.max() + 5), min(height, rows.max() + 5)
        part = (self.shown[0] + left, self.shown[1] + top, right - left, bottom - top)
        made, bits = pixels(self.planes, self.matrix, self.full_range, part)
        made = made if bits == 8 else (made + 128) // 257
        made = made[rows - top, columns - left]
        if made.shape[2] < 3:
            made = np.dstack([made[..., :1]] * 3 + [made[..., 1:]])
        return made if made.shape[2] == 4 else np.dstack([made, np.full(made.shape[:2], 255)])


def over_black(image):
    return image[..., :3] * image[..., 3:] / 255


def check_pixels(run, path, data, facts, theirs):
    """What is wrong; empty where nothing is."""
    edited = run.scratch / "edited.heic"
    expected = Expected(path, data, facts, run.scratch)
    edited.write_bytes(with_colors(data, facts, (expected.matrix, expected.full_range << 7)))
    height, width = expected.places.shape
    if theirs.shape[:2] != (height, width):
        return [f"{width} x {height}, libheif {theirs.shape[1]} x {theirs.shape[0]}"]
    wrong, opaque = [], "A" not in expected.planes
    for x, y, w, h in windows(width, height):
        cut = (slice(y, y + h), slice(x, x + w))
        got = run.pixels(edited, (x, y, w, h), (w, h))
        off = np.abs(over_black(got) - over_black(expected.window(x, y, w, h))).max()
        if off > (0 if expected.bits == 8 and opaque else 1):
            wrong.append(f"{x},{y},{w},{h}: {off:.0f} levels from the formulas")
            continue
        rgb = theirs[cut]
        inside = (got[..., 3] == 255) & ((got[..., :3] > 0) & (got[..., :3] < 255) & (rgb > 0) & (rgb < 255)).all(axis=2)
        luma = np.abs((got[..., :3] - rgb) @ np.array([0.299, 0.587, 0.114]))[inside].max(initial=0)
        if luma > LUMA:
            wrong.append(f"{x},{y},{w},{h}: luma {luma:.1f} levels from libheif's RGB")
        if expected.profile and (w, h) != (width, height):
            wrong += check_color(run, path, expected.profile, got, (x, y, w, h))
    side = 256 / max(width, height)
    small = (max(1, round(width * side)), max(1, round(height * side)))
    got = over_black(run.pixels(edited, (0, 0, width, height), small))
    mean = np.abs(got - np.asarray(Image.fromarray(theirs.astype(np.uint8)).resize(small, Image.LANCZOS)).astype(np.int64)).mean()
    if mean > SMALL and opaque:
        wrong.append(f"made small: {mean:.1f} levels from libheif's in the mean")
    return wrong


def check_color(run, path, profile, raw, crop):
    got = run.pixels(path, crop, crop[2:])[..., :3]
    picture = Image.fromarray(raw[..., :3].astype(np.uint8))
    try:
        theirs = ImageCms.profileToProfile(picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB, renderingIntent=0)
    except ImageCms.PyCMSError:
        return []
    off = np.abs(got - np.asarray(theirs).astype(np.int64)).max()
    return [f"{crop}: colours {off} levels from lcms2's"] if off > COLOR else []


def check(run, path, data):
    """The outcome and why; and the crops whose JPEG the modules are to make too."""
    try:
        opened = pillow_heif.open_heif(path, convert_hdr_to_8bit=True)
        theirs = np.asarray(opened.to_pillow().convert("RGB")).astype(np.int64)
        refused = None
    except Exception as error:  # whatever it is: libheif has no picture
        theirs, refused = None, str(error) or type(error).__name__
    made, refusal = run.crop(path, None, (64, 64), "jpg", "--background", "#000000", "--receipt", run.scratch / "receipt.json")
    if refusal:
        text = f"{refusal.get('code')}: {refusal.get('detail')} {refusal.get('got', '')}".strip()
        return ("refused by both" if refused else "refused by truecrop"), f"{text} | libheif: {refused}" if refused else text, []
    if refused:
        return "refused by libheif", refused, []
    receipt = json.loads((run.scratch / "receipt.json").read_text())["source"]
    if receipt.get("truncated"):
        return "truncated", "", []
    facts = facts_of(data)
    if facts.is_thumbnail:
        return "known", "pillow-heif shows another picture than the primary one", []
    wrong = check_pixels(run, path, data, facts, theirs)
    height, width = theirs.shape[:2]
    crops = [{"crop": [0, 0, width, height], "size": [64, 64]}]
    crops += [{"crop": [x, y, w, h], "size": [w, h]} for x, y, w, h in windows(width, height)[1:3]]
    for one in crops:
        data, refusal = run.crop(path, one["crop"], one["size"], "jpg", "--background", "#000000")
        one["sha256"] = hashlib.sha256(data).hexdigest() if data else refusal["code"]
    return ("wrong" if wrong else "right"), "; ".join([*wrong, *receipt.get("ignored", [])]), crops


def check_modules(jobs):
    """Runs the crops through the wasm modules; what differs, by path."""
    run = subprocess.run(["node", Path(__file__).parent / "lib/heic_modules.mjs"], input=json.dumps(jobs), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def run_folder(folder, binary, scratch, listed):
    run, seen, counts, lines, jobs = Run(binary, scratch), set(), {}, {}, []
    for path in sorted(p for one in sorted(Path(folder).iterdir()) for p in one.rglob("*") if p.suffix.lower() in SUFFIXES):
        data = path.read_bytes()
        digest = hashlib.sha256(data).digest()
        if digest in seen or not data:
            continue
        seen.add(digest)
        collection = path.relative_to(folder).parts[0]
        try:
            outcome, why, crops = check(run, path, data)
        except Exception as error:
            outcome, why, crops = "wrong", f"{type(error).__name__}: {error}", []
        jobs.append({"path": str(path), "crops": crops})
        lines[str(path)] = [collection, outcome, why]
        print(f"{outcome:20} {path.relative_to(folder)}  {why}", flush=True)
    for path, different in check_modules([job for job in jobs if job["crops"]]).items():
        lines[path][1:] = ["wrong", f"{lines[path][2]} {different}"]
        print("wrong", path, different)
    for collection, outcome, _ in lines.values():
        counts.setdefault(collection, collections.Counter())[outcome] += 1
    print(f"\n| collection, files | {' | '.join(OUTCOMES)} |\n|{' --- |' * (1 + len(OUTCOMES))}")
    for name, of in [*sorted(counts.items()), ("all", sum(counts.values(), collections.Counter()))]:
        print(f"| {name}, {sum(of.values())} | {' | '.join(str(of[outcome]) for outcome in OUTCOMES)} |")
    if listed:
        Path(listed).write_text("\n".join("\t".join([path, *line]) for path, line in lines.items()) + "\n")
    return not any(outcome == "wrong" for _, outcome, _ in lines.values())
