import pytest
import structlog
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.logs import configure_logs


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_of_a_bug_does_not_tell_what_it_worked_on(form: str, capsys) -> None:
    # Once, rich's tracebacks printed every local variable: secrets and memos got into the log, and
    # printing the 1,000 commands of a submission took seconds, with the block's transaction open.
    # Postgres then ended the session (idle in transaction, 2 s), every time, and 500 innocent
    # callers got DATABASE_UNAVAILABLE after 18 s.
    before = structlog.get_config()
    configure_logs(level="info", form=form)
    structlog.configure(cache_logger_on_first_use=False)
    try:
        try:
            api_key = " ".join(["a", "very", "secret", "key"])
            int(bool(api_key) and "x")
        except ValueError as error:
            rejection = report_incident(error, "a command failed")
        told = capsys.readouterr().err
    finally:
        structlog.configure(**before)
    assert rejection.metadata["incident"] in told
    assert "a very secret key" not in told
