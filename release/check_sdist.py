"""The source distribution holds what a build, the tests and the licences need, and nothing else.

usage: check_sdist.py ARCHIVE
"""

import pathlib
import sys
import tarfile

WANTED = (
    "LICENSE",
    "licenses/third_party.md",
    "PKG-INFO",
    "pyproject.toml",
    "CMakeLists.txt",
    "cpp/include/resonance/version.hpp",
    "cpp/tests/consumer/CMakeLists.txt",
    "python/resonance_native/py.typed",
    "tests/conftest.py",
    "noxfile.py",
)
FOLDERS = {"bench", "cpp", "docs", "examples", "fuzz", "licenses", "python", "release", "tests"}
ENDINGS = {".a", ".o", ".pyc", ".so", ".whl"}
LARGEST_FILE, LARGEST_ARCHIVE = 1_500_000, 8_000_000  # bytes; pictures of the documentation are the most of it


def main() -> int:
    """0 if the archive is as it must be."""
    archive = pathlib.Path(sys.argv[1])
    with tarfile.open(archive) as opened:
        sizes = {member.name.partition("/")[2]: member.size for member in opened if member.isfile()}
    wrong = [f"{name} is missing" for name in WANTED if name not in sizes]
    for name, size in sizes.items():
        path = pathlib.PurePosixPath(name)
        if len(path.parts) > 1 and path.parts[0] not in FOLDERS:
            wrong.append(f"{name} is in none of the folders {sorted(FOLDERS)}")
        if path.suffix in ENDINGS:
            wrong.append(f"{name} was built, and is no source")
        if size > LARGEST_FILE:
            wrong.append(f"{name} has {size} bytes, more than {LARGEST_FILE}")
    if archive.stat().st_size > LARGEST_ARCHIVE:
        wrong.append(f"the archive has {archive.stat().st_size} bytes, more than {LARGEST_ARCHIVE}")
    print("\n".join(wrong) or f"{archive.name}: {len(sizes)} files, {archive.stat().st_size} bytes")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
