"""Taps that do not stand beside the others of their account."""

from alembic import op

revision = "0006_standing"
down_revision = "0005_riders"
branch_labels = None
depends_on = None

_UP = "SELECT 1;"

_DOWN = "SELECT 1;"


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
