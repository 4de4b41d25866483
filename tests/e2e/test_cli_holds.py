"""The real `ticketonomics holds …`, in a process of its own, against the real server."""

from tests.e2e.test_cli import Economy, Shell, economy, shell

__all__ = ["economy", "shell"]


async def test_a_hold_from_creation_to_its_end(shell: Shell, economy: Economy) -> None:
    made = await shell(
        *("holds", "create", economy.ann, economy.bob, "10.50", "COIN", "--memo", "bet", "--json")
    )
    hold_id = made.json["holdId"]
    assert made.json["postings"][0]["fee"] == "6"
    shown = await shell("balance", economy.ann)
    assert "10.56" in shown.out
    too_much = await shell("holds", "capture", hold_id, "--amount", "10.51")
    assert (too_much.code, "CAPTURE_EXCEEDS_HOLD" in too_much.err) == (1, True)
    captured = await shell("holds", "capture", hold_id, "--amount", "4", "--json")
    assert captured.json["transaction"]["kind"] == "KIND_CAPTURE"
    assert captured.json["transaction"]["holdId"] == hold_id
    again = await shell("holds", "release", hold_id)
    assert again.code == 1
    assert "Hint: `ticketonomics holds show`" in again.err
    listed = await shell("holds", "list", "--account", economy.bob, "--state", "captured")
    assert hold_id in listed.out
    told = await shell("holds", "show", hold_id)
    assert "captured" in told.out
    assert "bet" in told.out
    history = await shell("history", economy.bob, "--kind", "capture")
    assert "4.00" in history.out
    other = await shell("holds", "create", economy.ann, economy.bob, "1", "COIN", "--json")
    released = await shell("holds", "release", other.json["holdId"])
    assert released.code == 0, released.err
