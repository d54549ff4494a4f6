"""Runs the user's copy of NVIDIA's download_ffhq.py, unmodified, against another origin.

Usage: run_reference.py PATH_TO_download_ffhq.py MANIFEST BASE_URL TASK_FLAG

Only the places of the manifest and the licence files are changed, in memory; both lie in the working directory.
"""
import hashlib
import importlib.util
import shutil
import sys

script, manifest, base, flag = sys.argv[1:5]
spec = importlib.util.spec_from_file_location("download_ffhq", script)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
shutil.copyfile(manifest, module.json_spec["file_path"])
shutil.copyfile(manifest.rsplit("/", 1)[0] + "/LICENSE.txt", "LICENSE.txt")
license_text = open("LICENSE.txt", "rb").read()
for license_spec in module.license_specs.values():
    license_spec.update(
        file_url=base + "/LICENSE.txt",
        file_size=len(license_text),
        file_md5=hashlib.md5(license_text).hexdigest(),
    )
sys.argv = ["download_ffhq.py", flag]
module.run_cmdline(sys.argv)
