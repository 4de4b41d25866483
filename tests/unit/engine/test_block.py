import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from ticketonomics_server.engine.block import GENESIS, Head, build_block, to_micros

TIME = datetime(2030, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
BELOW = Head(height=7, last_sequence=40, hash=b"h" * 32, block_time=TIME)


def test_a_block_follows_the_one_below() -> None:
    block = build_block("main", BELOW, 3, TIME, b"r" * 32)
    assert (block.height, block.first_sequence, block.last_sequence) == (8, 41, 43)
    assert block.previous_hash == BELOW.hash
    assert block.head == Head(8, 43, block.hash, TIME)


def test_the_first_block_follows_nothing() -> None:
    block = build_block("main", GENESIS, 1, TIME, b"r" * 32)
    assert (block.height, block.first_sequence, block.last_sequence) == (1, 1, 1)
    assert block.previous_hash == bytes(32)


def test_the_hash_is_what_the_documents_say() -> None:
    block = build_block("main", BELOW, 3, TIME, b"r" * 32)
    header = b"ticketonomics/block/1\0" + b"\0\0\0\4main"
    for number in (8, 41, 43, 1_893_553_445_678_901):
        header += number.to_bytes(8, "big")
    assert block.hash == hashlib.sha256(header + b"r" * 32 + b"h" * 32).digest()


@pytest.mark.parametrize(
    "changed",
    [
        {"economy": "mail"},
        {"below": replace(BELOW, height=8)},
        {"below": replace(BELOW, last_sequence=41)},
        {"below": replace(BELOW, hash=b"x" * 32)},
        {"entry_count": 4},
        {"block_time": TIME + timedelta(microseconds=1)},
        {"merkle_root": b"x" * 32},
    ],
    ids=str,
)
def test_the_hash_covers_everything(changed) -> None:
    ordinary = {
        "economy": "main",
        "below": BELOW,
        "entry_count": 3,
        "block_time": TIME,
        "merkle_root": b"r" * 32,
    }
    assert build_block(**ordinary).hash != build_block(**ordinary | changed).hash


@pytest.mark.parametrize(
    ("time", "micros"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2262, 4, 11, 23, 47, 16, 854_775, tzinfo=UTC), 9_223_372_036_854_775),
        (datetime(1970, 1, 1, 2, 0, 0, 1, tzinfo=timezone(timedelta(hours=2))), 1),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 253_402_300_799_999_999),
    ],
)
def test_micros_are_exact(time: datetime, micros: int) -> None:
    assert to_micros(time) == micros
