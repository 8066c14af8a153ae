"""Riders, their accounts and phones, what they owe, and who may not ride."""

from alembic import op

revision = "0005_riders"
down_revision = "0004_devices"
branch_labels = None
depends_on = None

_UP = "SELECT 1;"

_DOWN = "SELECT 1;"


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
