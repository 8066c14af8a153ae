"""The log, and how far each of its consumers has come."""

from alembic import op

revision = "0003_log"
down_revision = "0002_rides"
branch_labels = None
depends_on = None

_UP = """
CREATE TABLE log_topics (
    topic text COLLATE "C" PRIMARY KEY,
    last bigint NOT NULL CHECK (last > 0)
) WITH (fillfactor = 50);

CREATE TABLE log (
    topic text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    key text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (topic, at)
);

CREATE TABLE log_marks (
    consumer text NOT NULL,
    topic text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (consumer, topic)
) WITH (fillfactor = 50);
"""

_DOWN = "DROP TABLE log_marks, log, log_topics;"


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute(_DOWN)
