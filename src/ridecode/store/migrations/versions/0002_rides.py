"""Rides and their prices, the older versions of both, and how far matching and rating have come."""

from alembic import op

revision = "0002_rides"
down_revision = "0001_taps"
branch_labels = None
depends_on = None

# The account leads every key: rows of one rider lie together, are written in their order, and can
# be spread over servers by it. A ride is found by its id alone through its first tap, which has the
# same id; that spares an index that every ride would pay for.
# `tx` is the transaction that wrote the row, as in taps: readers follow changes by it.
_RIDE = """
    account text COLLATE "C" NOT NULL,
    start_ts bigint NOT NULL,
    ride_id uuid NOT NULL,
    account_type smallint NOT NULL,
    mode smallint NOT NULL,
    product text NOT NULL,
    operator text NOT NULL,
    line text NOT NULL,
    entry_tap uuid,
    exit_tap uuid,
    entry_stop text NOT NULL,
    exit_stop text NOT NULL,
    entry_ts bigint,
    exit_ts bigint,
    distance_m integer,
    state smallint NOT NULL,
    journey_id uuid NOT NULL,
    leg integer NOT NULL,
    remedy_until bigint,
    version integer NOT NULL,
    as_of bigint NOT NULL,
    tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint"""

# `carry` is what the ride leaves to the next one's price (fares.Earlier), so that rating can begin
# again after any ride.
_PRICE = """
    account text COLLATE "C" NOT NULL,
    start_ts bigint NOT NULL,
    ride_id uuid NOT NULL,
    tariff text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    lines json NOT NULL,
    version integer NOT NULL,
    as_of bigint NOT NULL,
    carry json NOT NULL,
    tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint"""

# `gone_tx` and `superseded_at` belong to the version that took its place, or to the moment at which
# the ride became part of another one.
_GONE = """
    superseded_at bigint NOT NULL,
    gone_tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    PRIMARY KEY (account, ride_id, version)"""

_UP = f"""
CREATE TABLE rides ({_RIDE},
    PRIMARY KEY (account, start_ts, ride_id)
);
CREATE INDEX rides_open ON rides (start_ts) WHERE state = 2;
CREATE INDEX rides_by_start ON rides USING brin (start_ts) WITH (autosummarize = on);
CREATE INDEX rides_by_tx ON rides USING brin (tx) WITH (pages_per_range = 16, autosummarize = on);

CREATE TABLE ride_history ({_RIDE},{_GONE}
);
CREATE INDEX ride_history_by_tx ON ride_history USING brin (gone_tx)
    WITH (pages_per_range = 16, autosummarize = on);

CREATE TABLE prices ({_PRICE},
    PRIMARY KEY (account, start_ts, ride_id)
);
CREATE INDEX prices_by_tx ON prices USING brin (tx) WITH (pages_per_range = 16, autosummarize = on);

CREATE TABLE price_history ({_PRICE},{_GONE}
);

CREATE TABLE ride_marks (
    pass text PRIMARY KEY,
    high bigint NOT NULL,
    rules bytea NOT NULL
);
"""

_DOWN = "DROP TABLE ride_marks, price_history, prices, ride_history, rides;"


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
