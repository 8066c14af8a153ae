"""Prices that are no more are found by the pass in which they went, as rides are."""

from alembic import op

revision = "0017_gone"
down_revision = "0016_sets"
branch_labels = None
depends_on = None

# Booking asks after every pass which prices went: without it all of the history is read for that.
_UP = """
CREATE INDEX price_history_by_pass ON price_history USING brin (gone_pass)
    WITH (pages_per_range = 16, autosummarize = on);
"""
_DOWN = "DROP INDEX price_history_by_pass;"


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
