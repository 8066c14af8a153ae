"""Charge orders: who pays with which channel, what channels are asked for, and what they said."""

from alembic import op

revision = "0011_orders"
down_revision = "0010_booked"
branch_labels = None
depends_on = None

# An account has one agreement at a time and keeps all that it ever had: an order points to the one
# under which it was made. `heard` is the set of facts that a channel told of an order, from which
# its state and what is owed are worked out; `due_at` is when it is to be sent or asked after next,
# and null once nothing more is to be done: the orders are their own queue. No foreign key points
# to agreements, which are never deleted: to check it costs a look-up for each of millions of rows.
_UP = """
CREATE TABLE agreements (
    agreement bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    purse smallint NOT NULL,
    platform text COLLATE "C" NOT NULL,
    contract text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    signed_at bigint NOT NULL,
    ended_at bigint CHECK (ended_at >= signed_at)
);
CREATE UNIQUE INDEX agreements_that_stand ON agreements (account) WHERE ended_at IS NULL;
CREATE INDEX agreements_by_account ON agreements (account, signed_at);
CREATE UNIQUE INDEX agreements_by_contract ON agreements (channel, contract);

CREATE TABLE charge_orders (
    order_id uuid PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    purse smallint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    about uuid NOT NULL,
    made_at bigint NOT NULL,
    agreement bigint NOT NULL,
    state smallint NOT NULL,
    heard bytea NOT NULL,
    owed bigint NOT NULL CHECK (owed >= 0),
    tries integer NOT NULL,
    due_at bigint
) WITH (fillfactor = 85);
CREATE INDEX charge_orders_by_account ON charge_orders (account, made_at);
CREATE INDEX charge_orders_due ON charge_orders (channel, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE charge_refunds (
    refund_id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES charge_orders,
    transaction text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    about uuid NOT NULL,
    made_at bigint NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    due_at bigint
);
CREATE INDEX charge_refunds_by_order ON charge_refunds (order_id);
CREATE INDEX charge_refunds_due ON charge_refunds (due_at) WHERE due_at IS NOT NULL;

-- What an account's rides cost beyond its orders, above or below zero: the next close of a day
-- makes one order or refund of it. `told` is what of it was told as a debt.
CREATE TABLE charge_differences (
    account text COLLATE "C" PRIMARY KEY,
    fen bigint NOT NULL,
    told bigint NOT NULL DEFAULT 0 CHECK (told >= 0)
);

CREATE FUNCTION an_order_stays_what_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was agreed or asked for never changes: % of % is refused',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays_what_it_is
    BEFORE DELETE OR UPDATE OF order_id, account, channel, purse, amount, about, made_at, agreement
    ON charge_orders FOR EACH ROW EXECUTE FUNCTION an_order_stays_what_it_is();
CREATE TRIGGER stays_what_it_is
    BEFORE DELETE OR UPDATE OF agreement, account, channel, purse, platform, contract, user_id,
        signed_at
    ON agreements FOR EACH ROW EXECUTE FUNCTION an_order_stays_what_it_is();
CREATE TRIGGER stays_what_it_is
    BEFORE DELETE OR UPDATE OF refund_id, order_id, transaction, amount, about, made_at
    ON charge_refunds FOR EACH ROW EXECUTE FUNCTION an_order_stays_what_it_is();
"""

_DOWN = """
DROP TABLE charge_differences, charge_refunds, charge_orders, agreements;
DROP FUNCTION an_order_stays_what_it_is();
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
