"""The ledger: accounts, journals that are only ever added, and business days that close once."""

from alembic import op

revision = "0009_ledger"
down_revision = "0008_by_account"
branch_labels = None
depends_on = None

# An account's number carries its kind in the upper bits, so that a journal's own row says between
# which kinds it moves money, and a constraint can hold the table of flows: (flow, kind debited,
# kind credited). It is `money.ledger.chart.FLOWS`, and a test compares the two.
# A journal has one amount and two accounts, so there is no sum that could fail to be zero. Beside
# each account stands debits minus credits after the journal: a balance of any moment is one look
# into an index, and nothing is ever summed or updated. Only riders' accounts (kinds 1, 3, 10) are
# in that index; the others are few and in nearly every batch, so after each batch a row says what
# they have.
FLOWS = (
    (1, 1, 4), (2, 4, 1), (3, 2, 1), (4, 3, 1), (5, 1, 2), (6, 1, 3), (7, 2, 3), (8, 3, 2),
    (9, 10, 11), (10, 11, 10), (11, 5, 2), (12, 2, 5), (13, 8, 2), (14, 4, 6), (15, 6, 4),
    (16, 4, 7), (17, 7, 4), (18, 4, 8), (19, 8, 4), (20, 6, 5), (21, 7, 5), (22, 5, 9),
    (23, 9, 2), (24, 9, 5),
)  # fmt: skip
_ALONG = ", ".join(str(flow << 16 | debit << 8 | credit) for flow, debit, credit in FLOWS)

_UP = f"""
CREATE TABLE ledger_accounts (
    account bigint PRIMARY KEY,
    kind smallint NOT NULL,
    -- A length within the expression would make it ten times as slow.
    party text COLLATE "C" NOT NULL
        CHECK (party ~ '^[0-9A-Za-z._:-]+$' AND length(party) <= 64),
    UNIQUE (kind, party),
    CHECK (account >> 48 = kind)
);
CREATE SEQUENCE ledger_account_numbers;
-- The city's card company, and its bank account, are one each.
CREATE UNIQUE INDEX ledger_one_card_company ON ledger_accounts (kind) WHERE kind IN (4, 5);

CREATE TABLE ledger_journals (
    n bigint PRIMARY KEY,
    journal_id uuid NOT NULL UNIQUE,
    flow smallint NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    debit_after bigint NOT NULL,
    credit_after bigint NOT NULL,
    day integer NOT NULL,
    about uuid NOT NULL,
    CONSTRAINT along_a_flow CHECK (
        flow * 65536 + (debit >> 48) * 256 + (credit >> 48) = ANY ('{{{_ALONG}}}'::bigint[])),
    CONSTRAINT no_overdrawn_wallet CHECK (debit >> 48 <> 3 OR debit_after <= 0)
);
CREATE INDEX ledger_journals_by_debit ON ledger_journals (debit, n)
    WHERE (debit >> 48) IN (1, 3, 10);
CREATE INDEX ledger_journals_by_credit ON ledger_journals (credit, n)
    WHERE (credit >> 48) IN (1, 3, 10);

CREATE TABLE ledger_batches (
    last bigint PRIMARY KEY,
    posted_at bigint NOT NULL,
    batch uuid NOT NULL
);
CREATE INDEX ledger_batches_by_time ON ledger_batches (posted_at, last);
CREATE TABLE ledger_heads (
    account bigint NOT NULL,
    last bigint NOT NULL,
    after bigint NOT NULL,
    PRIMARY KEY (account, last)
);

-- Closing is a moment, and from then on the day's lines are fixed; to seal them takes longer.
CREATE INDEX ledger_journals_by_day ON ledger_journals USING brin (day)
    WITH (pages_per_range = 32, autosummarize = on);
CREATE TABLE ledger_days (
    day integer PRIMARY KEY,
    closed_at bigint NOT NULL
);
CREATE TABLE ledger_seals (
    day integer PRIMARY KEY REFERENCES ledger_days,
    journals bigint NOT NULL,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    chain bytea NOT NULL CHECK (octet_length(chain) = 32)
);
-- Riders' accounts are one row together, without a party.
CREATE TABLE ledger_day_sums (
    day integer NOT NULL REFERENCES ledger_seals,
    kind smallint NOT NULL,
    party text COLLATE "C" NOT NULL,
    debits bigint NOT NULL,
    credits bigint NOT NULL,
    closing bigint NOT NULL,
    PRIMARY KEY (day, kind, party)
);

CREATE FUNCTION ledger_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only added to: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION ledger_day_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT min(day) FROM added) <= (SELECT max(day) FROM ledger_days) THEN
        RAISE EXCEPTION 'a closed business day takes nothing more'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER day_is_open AFTER INSERT ON ledger_journals
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_day_is_open();
"""

_TABLES = ("accounts", "journals", "batches", "heads", "days", "seals", "day_sums")
_ONLY_ADDED_TO = "\n".join(
    f"""CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_{name}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to();"""
    for name in _TABLES
)

_DOWN = """
DROP TABLE ledger_day_sums, ledger_seals, ledger_days, ledger_heads, ledger_batches,
    ledger_journals, ledger_accounts;
DROP SEQUENCE ledger_account_numbers;
DROP FUNCTION ledger_is_only_added_to(), ledger_day_is_open();
"""


def upgrade() -> None:
    op.execute(_UP)
    op.execute(_ONLY_ADDED_TO)


def downgrade() -> None:
    op.execute(_DOWN)
