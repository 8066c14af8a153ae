"""Taps that await their check are found by account once they have been looked at."""

from alembic import op

revision = "0008_by_account"
down_revision = "0007_bundles"
branch_labels = None
depends_on = None

# Entering a tap in the index by account was half of what PostgreSQL spent on taking it in. Nobody
# asks for it there before its code was checked, so the check enters it, beside what it found.
# A checker of the ridecode before this one writes no account: it fails until it is restarted, and
# what it did not check waits.
_UP = """
CREATE INDEX taps_at_once ON taps (account, ts) WHERE NOT awaits;
DROP INDEX taps_by_account;
ALTER INDEX taps_at_once RENAME TO taps_by_account;

ALTER TABLE tap_checks ADD COLUMN account text COLLATE "C", ADD COLUMN ts bigint;
UPDATE tap_checks AS found SET account = taps.account, ts = taps.ts
    FROM taps WHERE taps.tap_id = found.tap_id;
ALTER TABLE tap_checks ALTER COLUMN account SET NOT NULL, ALTER COLUMN ts SET NOT NULL;
CREATE INDEX tap_checks_by_account ON tap_checks (account, ts);
"""

_DOWN = """
ALTER TABLE tap_checks DROP COLUMN account, DROP COLUMN ts;
DROP INDEX taps_by_account;
CREATE INDEX taps_by_account ON taps (account, ts);
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
