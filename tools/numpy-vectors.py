"""Numbers that NumPy gives, for test/domain/numpy/numpy-vectors.json: `python3 numpy-vectors.py > numpy-vectors.json`."""
import hashlib
import json
import platform
import sys

import numpy

COUNT = 100_000


def main():
    numpy.random.seed(12345)
    normals = numpy.random.normal(0, 1, (COUNT // 2, 2)).ravel()
    legs = numpy.random.RandomState(1).uniform(-3000, 3000, (500, 2))
    json.dump(
        {
            'versions': {'python': platform.python_version(), 'numpy': numpy.__version__},
            'normals': {
                'seed': 12345,
                'count': COUNT,
                # Of all of them, one a line, to 12 decimals.
                'md5': hashlib.md5('\n'.join('%.12f' % value for value in normals).encode()).hexdigest(),
                # Every 200th, exactly.
                'every200th': normals[::200].tolist(),
            },
            'hypots': [[x, y, numpy.hypot(x, y)] for x, y in legs.tolist()],
        },
        sys.stdout,
    )


if __name__ == '__main__':
    main()
