"""Settlement files that were written, and what the card company said of them."""

from alembic import op

revision = "0013_clearing"
down_revision = "0012_access"
branch_labels = None
depends_on = None

# A file is written once and never again otherwise: its number is its name for good. The lines F of
# a file end with the ledger's line `fares_until`, its lines C with `charges_until`. Lines F show
# rides as they stood after the pass `rides_until`: so they are the same bytes however rides change.
_UP = """
CREATE TABLE clearing_days (
    day integer PRIMARY KEY,
    rides_until bigint NOT NULL
);
CREATE TABLE clearing_files (
    number bigint PRIMARY KEY CHECK (number > 0),
    day integer NOT NULL,
    part integer NOT NULL,
    parts integer NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    fares_until bigint NOT NULL,
    charges_until bigint NOT NULL,
    lines bigint NOT NULL,
    fares_fen bigint NOT NULL,
    charges_fen bigint NOT NULL,
    UNIQUE (day, part)
);
CREATE TABLE clearing_sends (
    number bigint NOT NULL REFERENCES clearing_files,
    sent_at bigint NOT NULL,
    place text NOT NULL
);
CREATE TABLE clearing_answers (
    number bigint PRIMARY KEY REFERENCES clearing_files,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    received_at bigint NOT NULL,
    day integer NOT NULL,
    cleared bigint NOT NULL,
    cleared_fen bigint NOT NULL,
    rejected bigint NOT NULL,
    rejected_fen bigint NOT NULL
);
CREATE TABLE clearing_rejected (
    number bigint NOT NULL REFERENCES clearing_answers,
    at integer NOT NULL,
    n bigint NOT NULL,
    reason smallint NOT NULL,
    detail text NOT NULL,
    line bytea NOT NULL,
    disputed_at bigint,
    disputed_day integer,
    PRIMARY KEY (number, at)
);
CREATE INDEX clearing_rejected_by_n ON clearing_rejected (n);

CREATE FUNCTION what_was_cleared_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was sent and answered never changes: % of % is refused',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON clearing_days
    FOR EACH STATEMENT EXECUTE FUNCTION what_was_cleared_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON clearing_files
    FOR EACH STATEMENT EXECUTE FUNCTION what_was_cleared_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON clearing_answers
    FOR EACH STATEMENT EXECUTE FUNCTION what_was_cleared_stays();
CREATE TRIGGER stays
    BEFORE DELETE OR UPDATE OF number, at, n, reason, detail, line ON clearing_rejected
    FOR EACH STATEMENT EXECUTE FUNCTION what_was_cleared_stays();
"""

_DOWN = """
DROP TABLE clearing_rejected, clearing_answers, clearing_sends, clearing_files,
    clearing_days;
DROP FUNCTION what_was_cleared_stays();
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
