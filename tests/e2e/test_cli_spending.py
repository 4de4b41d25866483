"""The real `ticketonomics allowances …` and `budgets …` against the real server."""

from tests.e2e.test_cli import Economy, Shell, economy, shell

__all__ = ["economy", "shell"]


async def test_an_allowance_from_grant_to_revocation(shell: Shell, economy: Economy) -> None:
    ann = economy.ann.removeprefix("users/")
    made = await shell("apps", "create", "--name", "game", "--scope", "ledger.transfer", "--json")
    game = made.json["applicationId"]
    for_ann = ("--acting-for", ann)
    granted = await shell(
        *("allowances", "grant", *for_ann, ann, game, "COIN", "10.50", "--per", "day")
    )
    assert (granted.code, "may take 10.50 COIN" in granted.out) == (0, True), granted.err
    listed = await shell("allowances", "--application", game)
    assert "10.50" in listed.out
    assert "day" in listed.out
    asked = await shell("allowances", "grant", *for_ann, ann, game, "COIN", "--ask", "--json")
    assert asked.json["askEachTime"] is True
    assert "asks" in (await shell("allowances", *for_ann)).out
    neither = await shell("allowances", "grant", *for_ann, ann, game, "COIN")
    assert (neither.code, "either an amount or --ask" in neither.err) == (2, True)
    both = await shell("allowances", "grant", *for_ann, ann, game, "COIN", "1", "--ask")
    assert both.code == 2
    alone = await shell("allowances", "grant", ann, game, "COIN", "1")
    assert (alone.code, "SCOPE_MISSING" in alone.err) == (1, True)
    revoked = await shell("allowances", "revoke", *for_ann, ann, game, "COIN")
    assert revoked.code == 0, revoked.err
    again = await shell("allowances", "revoke", *for_ann, ann, game, "COIN")
    assert (again.code, "ALLOWANCE_NOT_FOUND" in again.err) == (1, True)
    history = await shell("allowances", "history", *for_ann)
    assert [word in history.out for word in ("set", "removed", game)] == [True] * 3


async def test_a_budget_from_setting_to_removal(shell: Shell, economy: Economy) -> None:
    made = await shell("apps", "create", "--name", "game", "--scope", "ledger.transfer", "--json")
    game = made.json["applicationId"]
    told = await shell("budgets", "set", game, "5", "COIN", "--per", "hour")
    assert (told.code, "at most 5 COIN" in told.out) == (0, True), told.err
    listed = await shell("budgets", "list", game, "--json")
    assert listed.json[0]["amount"] == "500"
    assert "5.00" in (await shell("budgets", "list", game)).out
    assert (await shell("budgets", "remove", game, "COIN")).code == 0
    gone = await shell("budgets", "remove", game, "COIN")
    assert (gone.code, "BUDGET_NOT_FOUND" in gone.err) == (1, True)
