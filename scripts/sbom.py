"""Writes what the product is made of, as CycloneDX: `sbom/python.cdx.json` and `sbom/front-end.cdx.json`.

    make sbom

From the pinned lists (`requirements/base.txt`, `package-lock.json`) alone; no network is asked. Licences are those that the
installed packages name.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.assets import find_node  # noqa: E402 - found by the line above

REQUIREMENTS = ROOT / "requirements" / "base.txt"
PACKAGE = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<rest>(?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:(\w+)")


def python_components(requirements: str) -> Iterator[Component]:
    for found in PACKAGE.finditer(requirements):
        name, version = found["name"], found["version"]
        yield Component(
            name=name,
            version=version,
            type=ComponentType.LIBRARY,
            purl=PackageURL("pypi", name=name.lower(), version=version),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in HASH.findall(found["rest"])],
            licenses=[LicenseFactory().make_from_string(words) for words in licences_of(name)],
        )


def licences_of(name: str) -> list[str]:
    """As the installed package says in its description: an expression, else a name. Some packages are for other systems."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return []
    kinds = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License :: ")]
    words = said.get("License-Expression") or next(iter(kinds), "") or said.get("License", "").partition("\n")[0]
    return [words] if words else []


def python_sbom(requirements: str) -> str:
    whole = Component(
        name="send-tracker", version=version_of_product(), type=ComponentType.APPLICATION, bom_ref="send-tracker"
    )
    bom = Bom(components=python_components(requirements))
    bom.metadata.component = whole
    bom.register_dependency(whole, bom.components)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)


def version_of_product() -> str:
    return re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]


def front_end_sbom() -> str:
    _, npm = find_node()
    command = [*npm, "sbom", "--omit=dev", "--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def main() -> None:
    folder = ROOT / "sbom"
    folder.mkdir(exist_ok=True)
    for name, text in (("python", python_sbom(REQUIREMENTS.read_text())), ("front-end", front_end_sbom())):
        path = folder / f"{name}.cdx.json"
        path.write_text(text, encoding="utf-8")
        print(f"Written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
