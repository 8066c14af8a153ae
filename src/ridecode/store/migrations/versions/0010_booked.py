"""What of each ride's price is in the books, and how far booking has come."""

from alembic import op

revision = "0010_booked"
down_revision = "0009_ledger"
branch_labels = None
depends_on = None

# `bookings` counts the journals of a ride: the next one has its number in its id.
_UP = """
CREATE TABLE booked_fares (
    account text COLLATE "C" NOT NULL,
    start_ts bigint NOT NULL,
    ride_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    bookings integer NOT NULL CHECK (bookings > 0),
    PRIMARY KEY (account, start_ts, ride_id)
);
CREATE TABLE money_marks (
    of text PRIMARY KEY,
    high bigint NOT NULL
);
"""

_DOWN = "DROP TABLE money_marks, booked_fares;"


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
