"""What is due stands apart from the orders, and what is booked of a ride in the ledger alone."""

from alembic import op

revision = "0014_queue"
down_revision = "0013_clearing"
branch_labels = None
depends_on = None

# An order is written once and changes once, when its channel has said what became of it. When it is
# due, and how often it was, changes more often: in a narrow table of its own, whose rows go when
# nothing more is to be done, that costs a fraction. What then changes of an order is in no index,
# and the room that is left in a page takes its new version, so that no index is touched either.
# What an account was charged is found by the lines of its rider, so its orders need no index.
# `booked_fares` said again what the journals say: those of a ride have ids that are made of it.
_UP = """
CREATE TABLE charge_due (
    order_id uuid PRIMARY KEY,
    channel text COLLATE "C" NOT NULL,
    due_at bigint NOT NULL,
    tries integer NOT NULL
);
INSERT INTO charge_due SELECT order_id, channel, due_at, tries FROM charge_orders
    WHERE due_at IS NOT NULL;
CREATE INDEX charge_due_by_time ON charge_due (channel, due_at);
ALTER TABLE charge_orders DROP COLUMN due_at, DROP COLUMN tries;
ALTER TABLE charge_orders SET (fillfactor = 70);
DROP INDEX charge_orders_by_account;
DROP TABLE booked_fares;
"""


# An older ridecode books what is not in `booked_fares`: what is booked now it would book again.
_DOWN = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM ledger_journals WHERE flow IN (1, 2)) THEN
        RAISE EXCEPTION 'fares are booked: what is booked of each ride is in the ledger alone';
    END IF;
END $$;
ALTER TABLE charge_orders ADD COLUMN tries integer NOT NULL DEFAULT 0, ADD COLUMN due_at bigint;
UPDATE charge_orders AS of SET tries = due.tries, due_at = due.due_at FROM charge_due AS due
    WHERE of.order_id = due.order_id;
ALTER TABLE charge_orders ALTER COLUMN tries DROP DEFAULT;
ALTER TABLE charge_orders SET (fillfactor = 85);
CREATE INDEX charge_orders_by_account ON charge_orders (account, made_at);
CREATE INDEX charge_orders_due ON charge_orders (channel, due_at) WHERE due_at IS NOT NULL;
DROP TABLE charge_due;
CREATE TABLE booked_fares (
    account text COLLATE "C" NOT NULL,
    start_ts bigint NOT NULL,
    ride_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    bookings integer NOT NULL CHECK (bookings > 0),
    PRIMARY KEY (account, start_ts, ride_id)
);
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
