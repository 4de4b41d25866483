"""A contract of the tests' own, generated as an operator's would be, beside the installed ones."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from google.api import annotations_pb2
from google.protobuf.message import Message
from grpc_tools import protoc
from ticketonomics_gateway.contracts import DESCRIPTOR_SET, Method, discover

PACKAGE = "ticketonomics.zoo.v1"
SERVICE = f"{PACKAGE}.ZooService"
_SOURCE = Path(__file__).parent / "zoo"


@cache
def _generated() -> Path:
    """Generates the code once for all tests of a process."""
    folder = Path(mkdtemp(prefix="ticketonomics-zoo-"))
    google = Path(annotations_pb2.__file__).parents[2]
    well_known = Path(protoc.__file__).parent / "_proto"
    code = protoc.main(
        [
            "protoc",
            *(f"--proto_path={path}" for path in (_SOURCE, google, well_known)),
            f"--python_out={folder}",
            f"--descriptor_set_out={folder / 'set'}",
            "--include_source_info",
            "ticketonomics/zoo/v1/zoo_service.proto",
        ]
    )
    assert code == 0
    (folder / "set").rename(folder / "ticketonomics" / DESCRIPTOR_SET)
    return folder


@contextmanager
def zoo_installed() -> Iterator[None]:
    """Has the contract installed as long as the context lasts."""
    folder = str(_generated())
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


@cache
def zoo_methods() -> tuple[Method, ...]:
    """The methods of the contract."""
    with zoo_installed():
        return tuple(one for one in discover() if one.full_name.startswith(SERVICE))


def zoo_method(name: str) -> Method:
    return next(one for one in zoo_methods() if one.full_name == f"{SERVICE}.{name}")


def message(kind: str, /, **fields: object) -> Message:
    """Makes a message of the contract."""
    with zoo_installed():
        from ticketonomics.zoo.v1 import zoo_service_pb2
    made: Message = getattr(zoo_service_pb2, kind)(**fields)
    return made
