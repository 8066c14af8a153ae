"""Riders, their accounts and phones, what they owe, and who may not ride."""

from alembic import op

revision = "0005_riders"
down_revision = "0004_devices"
branch_labels = None
depends_on = None

# A person is a keyed hash of a document, 64 hexadecimal digits; an account has 19 digits.
# Serials are counted in a row, not by a sequence: a copy of the tables is then a copy of all.
# No index holds `authorised_until`, which changes at every renewal: that touches no index.
# What is owed stands under a holder: the person of an account of this cell, else the account itself
# (a foreign issuer's rider).
_UP = """
CREATE TABLE riders (
    identity text COLLATE "C" PRIMARY KEY CHECK (length(identity) = 64),
    known_since bigint NOT NULL
);

CREATE TABLE account_serials (
    whole boolean PRIMARY KEY DEFAULT true CHECK (whole),
    last bigint NOT NULL CHECK (last BETWEEN 1 AND 99999999999)
) WITH (fillfactor = 50);

CREATE TABLE accounts (
    account text COLLATE "C" PRIMARY KEY CHECK (length(account) = 19),
    payment_account text NOT NULL,
    identity text COLLATE "C" NOT NULL,
    issuer text NOT NULL,
    platform text NOT NULL,
    account_type smallint NOT NULL,
    enrolled_at bigint NOT NULL,
    UNIQUE (identity, issuer, platform)
);

CREATE TABLE phones (
    account text COLLATE "C" NOT NULL,
    user_key bytea NOT NULL CHECK (octet_length(user_key) = 33),
    made_by smallint NOT NULL,
    bound_at bigint NOT NULL,
    usable_from bigint NOT NULL,
    authorised_until bigint NOT NULL DEFAULT 0,
    stopped smallint,
    stopped_at bigint,
    PRIMARY KEY (account, user_key),
    CHECK ((stopped IS NULL) = (stopped_at IS NULL))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX phones_current ON phones (account) WHERE stopped IS NULL;
CREATE INDEX phones_denied ON phones (stopped_at) WHERE stopped IN (2, 3);

CREATE TABLE revoked (
    account text COLLATE "C" PRIMARY KEY,
    why smallint NOT NULL,
    since bigint NOT NULL
);

CREATE TABLE debts (
    at bigint NOT NULL,
    n integer NOT NULL,
    who text COLLATE "C" NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    ts bigint NOT NULL,
    PRIMARY KEY (at, n)
);
CREATE INDEX debts_by_who ON debts (who);

CREATE TABLE owing (
    holder text COLLATE "C" PRIMARY KEY,
    owed bigint NOT NULL,
    since bigint NOT NULL
);
CREATE INDEX owing_any ON owing (holder) WHERE owed > 0;

CREATE TABLE suspicions (
    tap_id uuid PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    reason smallint NOT NULL,
    ts bigint NOT NULL
);
CREATE INDEX suspicions_by_account ON suspicions (account, ts);

CREATE TABLE rider_events (
    event_id uuid PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    kind smallint NOT NULL,
    detail text NOT NULL
);
CREATE INDEX rider_events_by_account ON rider_events (account, at);
"""

_DOWN = """
DROP TABLE rider_events, suspicions, owing, debts, revoked, phones, account_serials, accounts,
    riders;
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
