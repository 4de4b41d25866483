"""The published vectors, as the tests read them."""

import json
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from ticketonomics.proofs.v1.head_pb2 import SignedHead
from ticketonomics.proofs.v1.receipt_pb2 import Receipt

FILE = Path(__file__).parents[2] / "vectors/proofs.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text())
PUBLIC_KEY = bytes.fromhex(VECTORS["public_key"])


def receipt(name: str = "receipt") -> Receipt:
    return ParseDict(VECTORS[name], Receipt())


def head(name: str = "signed_head") -> SignedHead:
    return ParseDict(VECTORS[name], SignedHead())


def hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]
