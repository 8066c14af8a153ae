"""Taps, what contradicted them, and what card companies' files say was charged."""

from alembic import op

revision = "0001_taps"
down_revision = None
branch_labels = None
depends_on = None

# `tx` is the transaction that wrote the row. Readers follow new rows by it: what is below
# pg_snapshot_xmin has ended, so nothing that commits late is passed over, and writers never wait.
# Accounts compare by bytes: the order is the same on every system, and quicker.
_UP = """
CREATE TABLE taps (
    tap_id uuid PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    ts bigint NOT NULL,
    account_type smallint NOT NULL,
    kind smallint NOT NULL,
    mode smallint NOT NULL,
    product text NOT NULL,
    operator text NOT NULL,
    line text NOT NULL,
    stop text NOT NULL,
    validator text NOT NULL,
    vehicle text NOT NULL,
    verdict smallint NOT NULL,
    source smallint NOT NULL,
    code bytea NOT NULL,
    code_time bigint NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) = 16),
    tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint
);
CREATE INDEX taps_by_account ON taps (account, ts);
CREATE INDEX taps_by_tx ON taps USING brin (tx) WITH (pages_per_range = 16, autosummarize = on);

CREATE TABLE tap_conflicts (
    tap_id uuid NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) = 16),
    told text NOT NULL,
    at bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
    PRIMARY KEY (tap_id, body)
);

CREATE TABLE charged (
    tap_id uuid PRIMARY KEY,
    full_fare bigint NOT NULL CHECK (full_fare >= 0),
    paid bigint NOT NULL CHECK (paid >= 0),
    transfer boolean NOT NULL
);

CREATE TABLE unknown_names (
    tap_id uuid PRIMARY KEY,
    stop text NOT NULL,
    line text NOT NULL,
    operator text NOT NULL
);

CREATE TABLE imports (
    import_id uuid PRIMARY KEY,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    format text NOT NULL,
    name text NOT NULL,
    rows bigint NOT NULL,
    taps bigint NOT NULL,
    duplicates bigint NOT NULL,
    conflicts bigint NOT NULL,
    rejected bigint NOT NULL,
    at bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
    CHECK (rows = taps + duplicates + conflicts + rejected)
);
CREATE INDEX imports_by_file ON imports (sha256, format);
"""

_DOWN = "DROP TABLE imports, unknown_names, charged, tap_conflicts, taps;"


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
