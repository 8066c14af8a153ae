"""Who may do what: people, their roles and tokens, and the log that is only added to."""

from alembic import op

revision = "0012_access"
down_revision = "0011_orders"
branch_labels = None
depends_on = None

# Of a password its hash is kept, empty for a machine that has none; of a token its digest.
_UP = """
CREATE TABLE access_people (
    name text COLLATE "C" PRIMARY KEY,
    password text NOT NULL,
    added_at bigint NOT NULL,
    disabled_at bigint,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt bigint NOT NULL DEFAULT 0
);
CREATE TABLE access_grants (
    name text COLLATE "C" NOT NULL REFERENCES access_people,
    role smallint NOT NULL,
    scope text COLLATE "C" NOT NULL CHECK (scope <> '*'),
    PRIMARY KEY (name, role, scope)
);
CREATE TABLE access_tokens (
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    name text COLLATE "C" NOT NULL REFERENCES access_people,
    made_at bigint NOT NULL,
    until bigint NOT NULL
);
CREATE INDEX access_tokens_by_name ON access_tokens (name);

CREATE TABLE access_strangers (
    whole boolean PRIMARY KEY DEFAULT true CHECK (whole),
    attempts bigint NOT NULL
);

CREATE TABLE access_log (
    n bigint PRIMARY KEY,
    at bigint NOT NULL,
    who text NOT NULL,
    role smallint,
    "right" smallint,
    act text NOT NULL,
    about smallint NOT NULL,
    subject text COLLATE "C" NOT NULL,
    purpose smallint,
    reason text NOT NULL,
    outcome smallint NOT NULL,
    link bytea NOT NULL CHECK (length(link) = 32)
);
CREATE INDEX access_log_by_subject ON access_log (subject, n) WHERE subject <> '';

CREATE FUNCTION access_log_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the access log is only added to: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION access_log_is_only_added_to();
"""

_DOWN = """
DROP TABLE access_log, access_strangers, access_tokens, access_grants, access_people;
DROP FUNCTION access_log_is_only_added_to();
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
