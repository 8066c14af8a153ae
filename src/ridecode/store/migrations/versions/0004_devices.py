"""Devices, their chains, and what the centre found when it looked at taps again."""

from alembic import op

revision = "0004_devices"
down_revision = "0003_log"
branch_labels = None
depends_on = None

_UP = """
ALTER TABLE taps
    ADD COLUMN seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN bundle integer NOT NULL DEFAULT 0;
"""

_DOWN = """
ALTER TABLE taps DROP COLUMN bundle, DROP COLUMN seq;
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
