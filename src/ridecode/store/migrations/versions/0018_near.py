"""Fares and orders have other ids: those of one account lie near each other."""

from alembic import op

from ridecode.core import UnavailableError

revision = "0018_near"
down_revision = "0017_gone"
branch_labels = None
depends_on = None

# What is booked of a ride is found by ids that are made of it. Under other ids it would be booked
# and asked for once more, and no line of the ledger can be given another.
_IS_BOOKED = "SELECT EXISTS (SELECT FROM ledger_journals WHERE flow IN (1, 2))"
_DOWN = f"""
DO $$ BEGIN
    IF ({_IS_BOOKED}) THEN
        RAISE EXCEPTION 'fares are booked under ids that an older ridecode does not find';
    END IF;
END $$;
"""


def upgrade() -> None:
    if op.get_bind().exec_driver_sql(_IS_BOOKED).scalar():
        raise UnavailableError(
            "Fares were booked here by an older ridecode, which finds them by other ids.",
            "Go on with that one here, or begin with this one in another data folder.",
        )


def downgrade() -> None:
    op.execute(_DOWN)
