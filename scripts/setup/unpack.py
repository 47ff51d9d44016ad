"""unpack.py WHEEL FILES FOLDER: takes from WHEEL each file whose name matches FILES into FOLDER, under the pattern's first group."""

import os
import re
import shutil
import sys
import zipfile

wheel, files, folder = sys.argv[1:]
taken = 0
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        match = re.match(files, name)
        if not match or name.endswith("/"):
            continue
        target = os.path.join(folder, match.group(1))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, "wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
        taken += 1
if not taken:
    sys.exit(f"nothing in {wheel} matches {files}")
