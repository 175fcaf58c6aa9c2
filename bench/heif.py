#!/usr/bin/env python3
"""libheif beside truecrop: pillow-heif 1.8.1 (PyPI; libheif 1.23.6 with libde265), Pillow's resizer and encoder.

    heif.py FILE X Y WIDTH HEIGHT OUT-WIDTH OUT-HEIGHT ROUNDS    prints {"ms"}, the median CPU time of one crop within this process
    heif.py make FILE < PPM                                      makes a grid of tiles of 512 x 512, as iPhones write them, out of a picture

One thread. libheif decodes all of a grid, whatever is cut of it.
"""

import io
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))


def crop(path, x, y, width, height, out_width, out_height, rounds):
    import pillow_heif
    from PIL import Image

    pillow_heif.options.DECODE_THREADS = 1
    times = []
    for _ in range(rounds):
        start = time.process_time()
        picture = pillow_heif.open_heif(path).to_pillow()
        cut = picture.resize((out_width, out_height), Image.Resampling.LANCZOS, (x, y, x + width, y + height), reducing_gap=2.0)
        cut.convert("RGB").save(io.BytesIO(), "JPEG", quality=85)
        times.append((time.process_time() - start) * 1000)
    print(json.dumps({"ms": sorted(times)[rounds // 2]}))


def make(path):
    import numpy as np
    from heic_conformance import tiled
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    picture = np.asarray(Image.open(io.BytesIO(sys.stdin.buffer.read())).convert("RGB"))
    Path(path).write_bytes(tiled(picture, 512, quality=75))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2])
    else:
        crop(sys.argv[1], *(int(float(number)) for number in sys.argv[2:]))
