"""Digests of what NVIDIA's own alignment makes of a dataset, as JSON on stdout.

    python3 reference-digests.py download_ffhq.py MANIFEST SOURCE_DIR < questions.json

The first argument is the script that you have (NVlabs/ffhq-dataset); its `recreate_aligned_images` runs unmodified. It
needs Pillow < 10, NumPy < 2 and SciPy. SOURCE_DIR holds `in-the-wild-images/`. Each question is
`{"name": ..., "keys": [...], "options": {...}}`: `keys` are the records that make up the manifest of that run (the
stream of random numbers depends on their number), `options` are keyword arguments of the function.
"""
import contextlib
import hashlib
import importlib.util
import io
import json
import os
import platform
import sys
import tempfile

import numpy
import PIL.features
import PIL.Image
import scipy


def load(path):
    spec = importlib.util.spec_from_file_location('reference', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def digests(path):
    with open(path, 'rb') as file:
        data = file.read()
    pixels = numpy.array(PIL.Image.open(io.BytesIO(data)))
    return {'pixel_md5': hashlib.md5(pixels).hexdigest(), 'file_md5': hashlib.md5(data).hexdigest()}


def answer(reference, records, source, question):
    chosen = {key: records[key] for key in question['keys']}
    with contextlib.redirect_stdout(io.StringIO()):
        reference.recreate_aligned_images(chosen, source_dir=source, dst_dir='out', **question['options'])
    # The reference names its files by position.
    return {key: digests('out/00000/%05d.png' % at) for at, key in enumerate(chosen)}


def main():
    script, manifest, source = map(os.path.abspath, sys.argv[1:4])
    PIL.Image.MAX_IMAGE_PIXELS = None
    with open(manifest) as file:
        records = json.load(file)
    questions = json.load(sys.stdin)
    reference = load(script)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        # The function copies it.
        open('LICENSE.txt', 'w').close()
        results = {question['name']: answer(reference, records, source, question) for question in questions}
        os.chdir('/')
    versions = {
        'python': platform.python_version(),
        'pillow': PIL.__version__,
        'zlib': PIL.features.version('zlib'),
        'numpy': numpy.__version__,
        'scipy': scipy.__version__,
    }
    json.dump({'versions': versions, 'results': results}, sys.stdout, indent=2)
    print()


if __name__ == '__main__':
    main()
