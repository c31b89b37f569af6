"""Whether the files with weights inside the package are as they were published: `data/SHA256SUMS`.

The sums are in the form that `sha256sum --check` reads. They detect damage (a disk, a transfer), not malice.
"""

from __future__ import annotations

from pathlib import Path

from streamdepth.files import write_whole
from streamdepth.models.weights.store import DATA, file_sha256

SUMS = "SHA256SUMS"


def write_sums(folder: Path = DATA) -> None:
    """Write the sums of the network files in `folder`."""
    lines = [f"{file_sha256(folder / name)}  {name}\n" for name in _network_files(folder)]
    write_whole(folder / SUMS, "".join(lines).encode("ascii"))


def damaged_files(folder: Path = DATA) -> list[str]:
    """Names of files that are missing or whose SHA-256 is not the one written down; raises OSError without sums."""
    lines = (folder / SUMS).read_text(encoding="ascii").splitlines()
    wanted = {name: digest for digest, name in (line.split() for line in lines)}
    return [
        name
        for name, digest in wanted.items()
        if not (folder / name).is_file() or file_sha256(folder / name) != digest
    ]


def _network_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".onnx", ".safetensors"))
