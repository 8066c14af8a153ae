"""Taps that do not stand beside the others of their account; and changes numbered by passes."""

from alembic import op

revision = "0006_standing"
down_revision = "0005_riders"
branch_labels = None
depends_on = None

# `pass` is the number of the pass that wrote the row, `gone_pass` of the one that moved it away.
# Passes come one after another and are numbered by the database's own count (`passes` in
# ride_marks), which is restored with the rows; a transaction's number is the server's and is not.
# Rows that are there keep theirs, so the count begins above all of them.
# How far matching had come was a transaction's number as well: it is an offset of the log now, and
# everything is matched once more.
_UP = """
CREATE TABLE set_aside (
    account text COLLATE "C" NOT NULL,
    ts bigint NOT NULL,
    tap_id uuid NOT NULL,
    why smallint NOT NULL,
    against uuid NOT NULL,
    version integer NOT NULL,
    as_of bigint NOT NULL,
    PRIMARY KEY (account, ts, tap_id)
);
CREATE INDEX set_aside_by_ts ON set_aside (ts);

CREATE TABLE set_aside_history (
    account text COLLATE "C" NOT NULL,
    ts bigint NOT NULL,
    tap_id uuid NOT NULL,
    why smallint NOT NULL,
    against uuid NOT NULL,
    version integer NOT NULL,
    as_of bigint NOT NULL,
    superseded_at bigint NOT NULL,
    PRIMARY KEY (account, tap_id, version)
);

ALTER TABLE rides RENAME COLUMN tx TO pass;
ALTER TABLE rides ALTER COLUMN pass DROP DEFAULT;
ALTER INDEX rides_by_tx RENAME TO rides_by_pass;
ALTER TABLE ride_history RENAME COLUMN tx TO pass;
ALTER TABLE ride_history ALTER COLUMN pass DROP DEFAULT;
ALTER TABLE ride_history RENAME COLUMN gone_tx TO gone_pass;
ALTER TABLE ride_history ALTER COLUMN gone_pass DROP DEFAULT;
ALTER INDEX ride_history_by_tx RENAME TO ride_history_by_pass;
ALTER TABLE prices RENAME COLUMN tx TO pass;
ALTER TABLE prices ALTER COLUMN pass DROP DEFAULT;
ALTER INDEX prices_by_tx RENAME TO prices_by_pass;
ALTER TABLE price_history RENAME COLUMN tx TO pass;
ALTER TABLE price_history ALTER COLUMN pass DROP DEFAULT;
ALTER TABLE price_history RENAME COLUMN gone_tx TO gone_pass;
ALTER TABLE price_history ALTER COLUMN gone_pass DROP DEFAULT;

UPDATE ride_marks SET high = high - 1 WHERE pass = 'rate';
INSERT INTO ride_marks
    SELECT 'passes', pg_snapshot_xmax(pg_current_snapshot())::text::bigint, ''
    WHERE EXISTS (SELECT FROM ride_marks) OR EXISTS (SELECT FROM rides);
DELETE FROM ride_marks WHERE pass = 'match';
"""

_DOWN = """
DELETE FROM ride_marks;
ALTER TABLE price_history RENAME COLUMN gone_pass TO gone_tx;
ALTER TABLE price_history ALTER COLUMN gone_tx SET DEFAULT pg_current_xact_id()::text::bigint;
ALTER TABLE price_history RENAME COLUMN pass TO tx;
ALTER TABLE price_history ALTER COLUMN tx SET DEFAULT pg_current_xact_id()::text::bigint;
ALTER INDEX prices_by_pass RENAME TO prices_by_tx;
ALTER TABLE prices RENAME COLUMN pass TO tx;
ALTER TABLE prices ALTER COLUMN tx SET DEFAULT pg_current_xact_id()::text::bigint;
ALTER INDEX ride_history_by_pass RENAME TO ride_history_by_tx;
ALTER TABLE ride_history RENAME COLUMN gone_pass TO gone_tx;
ALTER TABLE ride_history ALTER COLUMN gone_tx SET DEFAULT pg_current_xact_id()::text::bigint;
ALTER TABLE ride_history RENAME COLUMN pass TO tx;
ALTER TABLE ride_history ALTER COLUMN tx SET DEFAULT pg_current_xact_id()::text::bigint;
ALTER INDEX rides_by_pass RENAME TO rides_by_tx;
ALTER TABLE rides RENAME COLUMN pass TO tx;
ALTER TABLE rides ALTER COLUMN tx SET DEFAULT pg_current_xact_id()::text::bigint;
DROP TABLE set_aside_history, set_aside;
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
