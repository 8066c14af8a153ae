"""Runs the steps on the connection that `migrate` hands over, all in its one transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
