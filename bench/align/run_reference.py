"""Aligns single records with NVIDIA's own function, on demand: one key a line in, seconds and pixel MD5 out.

argv: the script that the user has, a manifest, the folder of the originals. The function runs unmodified; its progress
prints are swallowed.
"""
import contextlib
import hashlib
import importlib.util
import io
import json
import os
import resource
import sys
import tempfile
import time

import numpy
import PIL.Image

script, manifest, source = map(os.path.abspath, sys.argv[1:4])
PIL.Image.MAX_IMAGE_PIXELS = None
spec = importlib.util.spec_from_file_location("reference", script)
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)
records = json.load(open(manifest))
os.chdir(tempfile.mkdtemp())
open("LICENSE.txt", "w").close()
print(json.dumps({"ready": True, "pillow": PIL.__version__, "numpy": numpy.__version__}), flush=True)
for line in sys.stdin:
    record = {"0": records[line.strip()]}
    started, cpu = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        reference.recreate_aligned_images(record, source_dir=source, dst_dir="out")
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    pixels = numpy.array(PIL.Image.open("out/00000/00000.png"))
    md5 = hashlib.md5(pixels).hexdigest()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer = {"seconds": seconds, "cpu": cpu_seconds, "pixelMd5": md5, "peakMb": peak_mb}
    print(json.dumps(answer), flush=True)
