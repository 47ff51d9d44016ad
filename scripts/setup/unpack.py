"""unpack.py WHEEL PATTERN FOLDER: takes each file of WHEEL whose name matches PATTERN into FOLDER."""

import re
import sys
import zipfile

wheel, pattern, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = [name for name in archive.namelist() if re.search(pattern, name)]
    if not names:
        sys.exit(f"nothing in {wheel} matches {pattern}")
    archive.extractall(folder, names)
