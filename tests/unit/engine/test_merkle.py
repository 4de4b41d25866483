from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticketonomics_server.engine.merkle import EMPTY_ROOT, leaf_hash, tree_root


def defined_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""
    n = len(leaves)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return sha256(b"\x01" + defined_root(leaves[:k]) + defined_root(leaves[k:])).digest()


def root(leaves: list[bytes]) -> bytes:
    return tree_root([leaf_hash(leaf) for leaf in leaves])


@given(st.lists(st.binary(max_size=8), max_size=130))
def test_the_root_is_the_defined_one(leaves: list[bytes]) -> None:
    assert root(leaves) == defined_root(leaves)


@pytest.mark.parametrize("size", [*range(70), 255, 256, 257, 1_000])
def test_every_size_has_the_defined_root(size: int) -> None:
    leaves = [number.to_bytes(2, "big") for number in range(size)]
    assert root(leaves) == defined_root(leaves)


# The vectors of certificate-transparency-go, `testonly/reference.go`.
LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_root_of_the_published_vectors(size: int) -> None:
    assert root([bytes.fromhex(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert sha256(b"").digest() == EMPTY_ROOT


def test_a_leaf_is_never_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert root([b"a", b"b"]) != root([b"\x01" + left + right])
    assert root([b"a", b"b"]) != leaf_hash(left + right)


def test_the_given_hashes_stay_as_they_are() -> None:
    hashes = [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")]
    before = list(hashes)
    tree_root(hashes)
    assert hashes == before
