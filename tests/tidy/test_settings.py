"""Every setting is documented, with its name, its default and what it means."""

from ticketonomics_server.settings import Settings

from tests.tidy.repository import ROOT, table

DOCUMENT = "docs/settings.md"
SETTINGS = table(DOCUMENT, "## The server")
# Defaults that are computed are told in words.
COMPUTED = {"data_folder": "see below"}


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if name in COMPUTED:
        return COMPUTED[name]
    if field.default is None:
        return "unset"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"


def test_every_setting_is_listed_once_in_its_order() -> None:
    names = [row[0].strip("`") for row in SETTINGS]
    assert names == [f"TICKETONOMICS_{name.upper()}" for name in Settings.model_fields]


def test_the_defaults_are_true() -> None:
    told = {row[0].strip("`").removeprefix("TICKETONOMICS_").lower(): row[1] for row in SETTINGS}
    assert told == {name: _default(name) for name in Settings.model_fields}


def test_each_setting_says_what_it_means() -> None:
    for row in SETTINGS:
        assert len(row[2]) > 20, row[0]
    assert all(field.description for field in Settings.model_fields.values())


def test_no_setting_is_read_that_nobody_documented() -> None:
    text = (ROOT / DOCUMENT).read_text()
    own = ("TARGET", "API_KEY", "API_KEY_FILE", "ECONOMY", "CA", "CLIENT_CERTIFICATE", "CLIENT_KEY")
    for name in own:
        assert f"TICKETONOMICS_{name}`" in text, "the command line's own"
