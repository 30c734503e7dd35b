"""A wheel carries all of its parts, and its SBOMs are valid and name every library that was grafted into it.

usage: check_wheel.py WHEEL    (needs cyclonedx-python-lib[json-validation])
"""

import fnmatch
import json
import pathlib
import re
import sys
import zipfile

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

WANTED = (
    "resonance_native/_core.*",
    "resonance_native/bin/resonance-latency*",
    "resonance_native/include/resonance/network.hpp",
    "resonance_native/include/resonance/c_api.h",
    "resonance_native/lib/*resonance.*",
    "resonance_native/lib/cmake/resonance/resonance-config.cmake",
    "resonance_native/py.typed",
    "*.dist-info/licenses/LICENSE",
    "*.dist-info/licenses/licenses/third_party.md",
    "*.dist-info/sboms/resonance_native.cdx.json",
)


def main() -> int:
    """0 if the wheel is as it must be."""
    path = pathlib.Path(sys.argv[1])
    with zipfile.ZipFile(path) as wheel:
        names = [name for name in wheel.namelist() if not name.endswith("/")]
        sboms = {name: wheel.read(name).decode() for name in names if fnmatch.fnmatch(name, "*.dist-info/sboms/*.json")}
        notices = "".join(wheel.read(name).decode() for name in names if name.endswith("third_party.md"))
        modes = {entry.filename: entry.external_attr >> 16 for entry in wheel.infolist()}
    wrong = [f"{pattern} is missing" for pattern in WANTED if not fnmatch.filter(names, pattern)]
    wrong += [f"{name} can't be run" for name in fnmatch.filter(names, "*/bin/*") if not modes[name] & 0o100]
    components: set[str] = set()
    for name, text in sboms.items():
        sbom = json.loads(text)
        error = JsonStrictValidator(SchemaVersion.from_version(sbom["specVersion"])).validate_str(text)
        if error:
            wrong.append(f"{name} is not valid: {error}")
        components |= {component["name"].lower() for component in sbom["components"]}
    grafted = {
        re.sub(r"-[0-9a-f]{8}.*|\..*", "", pathlib.PurePosixPath(name).name) for name in names if ".libs/" in name
    }
    for library in sorted(grafted):
        if not any(component.startswith(library) for component in components):
            wrong.append(f"{library} was grafted, but no SBOM names it")
        if library not in notices:
            wrong.append(f"{library} was grafted, but licenses/third_party.md does not say under which licence")
    print("\n".join(wrong) or f"{path.name}: {len(names)} files, of others {', '.join(sorted(components))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
