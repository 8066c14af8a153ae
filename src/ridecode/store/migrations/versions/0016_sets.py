"""Orders that are made together are due together: a row for a hundred, instead of one each."""

from alembic import op

revision = "0016_sets"
down_revision = "0015_owed"
branch_labels = None
depends_on = None

# Nearly all orders are paid when they are first sent. A row of its own for each, which is written,
# leased and deleted with two entries in indexes, costs as much as the order itself.
_UP = """
CREATE TABLE charge_sets (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text COLLATE "C" NOT NULL,
    due_at bigint NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    orders uuid[] NOT NULL
);
CREATE INDEX charge_sets_by_time ON charge_sets (channel, due_at);
"""
_DOWN = """
INSERT INTO charge_due (order_id, channel, due_at, tries)
    SELECT order_id, own.channel, own.due_at, own.tries
    FROM charge_sets AS own CROSS JOIN unnest(orders) AS a (order_id)
    JOIN charge_orders AS of USING (order_id) WHERE state = 1
    ON CONFLICT DO NOTHING;
DROP TABLE charge_sets;
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
