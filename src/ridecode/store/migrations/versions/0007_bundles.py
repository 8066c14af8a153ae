"""What validators were told to trust, and who signed its changes."""

from alembic import op

revision = "0007_bundles"
down_revision = "0006_standing"
branch_labels = None
depends_on = None

_UP = "SELECT 1;"

_DOWN = "SELECT 1;"


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
