"""Replays the block log from the headers, and compares its stored nodes and signed heads."""

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ticketonomics_server.engine.block import Block, encode_header
from ticketonomics_server.engine.merkle import Node, leaf_hash, node_hash, tree_root
from ticketonomics_server.proofs.key_file import signing_key_id
from ticketonomics_server.proofs.log import CHUNK_BLOCKS, CHUNK_LEVEL, grown_nodes, left_of
from ticketonomics_server.proofs.model import head_of
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

Tell = Callable[[str], None]

_PAGE = 5_000
_NODES = """
SELECT level, position, hash FROM log_nodes
WHERE economy_id = $1 AND (level, position) > ($2, $3) ORDER BY level, position LIMIT $4
"""
_HEADS = """
SELECT h.tree_size, h.root, h.signature, k.signing_key_id, k.public_key
FROM signed_heads h LEFT JOIN signing_keys k USING (economy_id, signing_key_id)
WHERE economy_id = $1 AND tree_size > $2 ORDER BY tree_size LIMIT $3
"""
_KEYS = "SELECT signing_key_id, public_key FROM signing_keys WHERE economy_id = $1"


class LogReplay:
    """The log as the blocks make it.

    Attributes:
        nodes: What is to be stored, so far: a node for 128 blocks.
        ends: The last block of each full chunk, and the log's root there.
    """

    def __init__(self) -> None:
        self.nodes: dict[Node, bytes] = {}
        self.ends: dict[int, tuple[Block, bytes]] = {}
        self._hashes: list[bytes] = []

    def add(self, economy: str, block: Block) -> None:
        """Appends the next block."""
        self._hashes.append(leaf_hash(encode_header(economy, block)))
        if len(self._hashes) < CHUNK_BLOCKS:
            return
        chunk = len(self.ends)
        left = [self.nodes[node] for node in left_of(chunk)]
        self.nodes.update(grown_nodes(chunk, tree_root(self._hashes), left))
        self._hashes.clear()
        self.ends[(chunk + 1) * CHUNK_BLOCKS] = block, self._root(chunk + 1)

    def _root(self, chunks: int) -> bytes:
        """Joins the nodes of full chunks, from the smallest subtree on the right."""
        root, stop = b"", chunks
        while stop:
            size = stop & -stop
            level = size.bit_length() - 1
            node = self.nodes[CHUNK_LEVEL + level, (stop - size) >> level]
            root = node_hash(node, root) if root else node
            stop -= size
        return root


async def check_proofs(
    economy: str, reader: JournalReader, replay: LogReplay, findings: Findings
) -> None:
    """Compares what is stored of the log with the blocks, page by page.

    What was stored after the last block was read is not looked at: it is of later blocks.
    """

    def tell(detail: str) -> None:
        findings.add(Invariant.PROOFS_MATCH_BLOCKS, detail)

    await _check_nodes(reader, replay, tell)
    await _check_heads(economy, reader, replay, tell)
    for key_id, public_key in await reader.fetch(_KEYS):
        if signing_key_id(public_key) != key_id:
            tell(f"signing key {key_id} has not the id of its public key")


async def _check_nodes(reader: JournalReader, replay: LogReplay, tell: Tell) -> None:
    behind: Node = (-1, -1)
    found: set[Node] = set()
    newest = len(replay.ends)
    while rows := await reader.fetch(_NODES, *behind, _PAGE):
        for level, position, stored in rows:
            node = level, position
            end = (position + 1) << (level - CHUNK_LEVEL)
            if node not in replay.nodes:
                # A living economy may have stored more meanwhile.
                if end <= newest or await _is_beyond(reader, end):
                    tell(f"node {position} of level {level} is of no full chunk of blocks")
                continue
            found.add(node)
            if stored != replay.nodes[node]:
                tell(f"node {position} of level {level} is not the hash of its blocks")
        behind = rows[-1][0], rows[-1][1]
    stored_chunks = max((p + 1 for level, p in found if level == CHUNK_LEVEL), default=0)
    for level, position in replay.nodes.keys() - found:
        if (position + 1) << (level - CHUNK_LEVEL) <= stored_chunks:
            tell(f"node {position} of level {level} is missing")


async def _is_beyond(reader: JournalReader, chunks: int) -> bool:
    return (await reader.head()).height < chunks * CHUNK_BLOCKS


async def _check_heads(economy: str, reader: JournalReader, replay: LogReplay, tell: Tell) -> None:
    behind = 0
    while rows := await reader.fetch(_HEADS, behind, _PAGE):
        for size, root, signature, key_id, public_key in rows:
            end = replay.ends.get(size)
            if end is None:
                chunks = -(-size // CHUNK_BLOCKS)
                if size % CHUNK_BLOCKS or await _is_beyond(reader, chunks):
                    tell(f"a head of {size} blocks was signed, which is no full chunk")
                continue
            head = head_of(economy, *end)
            if root != head.root:
                tell(f"the head of {size} blocks was signed with another root")
            elif key_id is None:
                tell(f"the head of {size} blocks is signed with a key that is not published")
            elif not _is_signed(head.encoded(), signature, public_key):
                tell(f"the signature of the head of {size} blocks is not of key {key_id}")
        behind = rows[-1][0]


def _is_signed(message: bytes, signature: bytes, public_key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
