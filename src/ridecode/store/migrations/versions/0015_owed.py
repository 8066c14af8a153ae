"""What an account owes of its orders is found at once, and what was cleared stays altogether."""

from alembic import op

revision = "0015_owed"
down_revision = "0014_queue"
branch_labels = None
depends_on = None

# An order that is simply paid owes nothing before and after, so this index never hears of it.
_UP = """
CREATE INDEX charge_orders_owed ON charge_orders (account) WHERE owed > 0;
"""

# The triggers of 0013 left open: to cut a table, to change what was sent, and to dispute a line on
# another day than that with whose files it was sent again. They bind the owner of the tables as
# well, which is the one role that there is.
_TABLES = ("days", "files", "sends", "answers", "rejected")
_NOT_CUT = "\n".join(
    f"""CREATE TRIGGER not_cut BEFORE TRUNCATE ON clearing_{name}
    FOR EACH STATEMENT EXECUTE FUNCTION what_was_cleared_stays();"""
    for name in _TABLES
)
_STAYS = """
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON clearing_sends
    FOR EACH STATEMENT EXECUTE FUNCTION what_was_cleared_stays();
CREATE TRIGGER disputed_once BEFORE UPDATE OF disputed_at, disputed_day ON clearing_rejected
    FOR EACH ROW WHEN (OLD.disputed_at IS NOT NULL OR OLD.disputed_day IS NOT NULL)
    EXECUTE FUNCTION what_was_cleared_stays();
"""

_DOWN = "\n".join((
    *(f"DROP TRIGGER not_cut ON clearing_{name};" for name in _TABLES),
    "DROP TRIGGER disputed_once ON clearing_rejected;",
    "DROP TRIGGER stays ON clearing_sends;",
    "DROP INDEX charge_orders_owed;",
))  # fmt: skip


def upgrade() -> None:
    op.execute(_UP)
    op.execute(_NOT_CUT)
    op.execute(_STAYS)


def downgrade() -> None:
    op.execute(_DOWN)
