import pytest

from deploy.lab.bench import statements

pytestmark = pytest.mark.pure

LOG = """\
11~orders~LOG:  statement: BEGIN
11~orders~LOG:  statement: INSERT INTO orders (a,
\tb) VALUES (1, 2)
12~support~LOG:  statement: BEGIN
12~support~LOG:  statement: INSERT INTO inbox (handler) VALUES ('on_order_placed')
11~orders~LOG:  statement: INSERT INTO outbox (entry_id) VALUES ('x')
11~orders~LOG:  statement: COMMIT
12~support~LOG:  statement: UPDATE notifications SET a = 1
12~support~LOG:  statement: ROLLBACK
13~orders~LOG:  statement: SELECT 1
13~orders~LOG:  statement: BEGIN
13~orders~LOG:  statement: DELETE FROM outbox WHERE position IN (1)
13~orders~LOG:  statement: COMMIT
14~orders~WARNING:  statement: COMMIT
15~logistics~LOG:  statement: BEGIN
15~logistics~LOG:  statement: SELECT number FROM shipments
15~logistics~LOG:  statement: COMMIT
16~orders~LOG:  statement: BEGIN
16~orders~LOG:  statement: UPDATE schedule SET next_at = now()
16~orders~LOG:  statement: COMMIT
"""


def test_a_transaction_is_built_from_its_own_sessions_lines():
    found = statements.transactions(statements.entries(LOG))

    assert [(each.database, len(each.statements)) for each in found] == [
        ("orders", 2), ("support", 2), ("orders", 1), ("logistics", 1), ("orders", 1),
    ]  # fmt: skip
    assert found[0].statements[0] == "INSERT INTO orders (a, b) VALUES (1, 2)"


def test_a_transaction_is_of_the_kind_that_its_tables_tell():
    found = statements.transactions(statements.entries(LOG))

    assert [each.kind for each in found] == ["request", "follower", "relay", "request", "timer"]


def test_only_what_wrote_and_was_kept_counts_as_a_commit():
    counted = statements.summary(statements.transactions(statements.entries(LOG)), times=1)

    assert counted.commits == {"request": 1, "follower": 0, "relay": 1, "errand": 0, "timer": 1}
    assert counted.statements == {"request": 3, "follower": 2, "relay": 1, "errand": 0, "timer": 1}
    assert counted.by_database == {"orders": 2, "logistics": 1}


def test_counts_are_told_per_operation():
    counted = statements.summary(statements.transactions(statements.entries(LOG)), times=2)

    assert counted.statements["request"] == 1.5


def test_statements_in_one_message_are_counted_one_by_one():
    log = """\
11~orders~LOG:  statement: BEGIN; INSERT INTO orders (note) VALUES ('a; b'); WITH held AS (SELECT 1) SELECT 2
11~orders~LOG:  statement: UPDATE keys SET reply = 'c'; EXECUTE "INSERT INTO inbox 7" ('a'); COMMIT
"""

    (found,) = statements.transactions(statements.entries(log))

    assert [statement.split()[0] for statement in found.statements] == ["INSERT", "WITH", "UPDATE", "EXECUTE"]
    assert (found.committed, found.wrote, found.kind) == (True, True, "follower")
