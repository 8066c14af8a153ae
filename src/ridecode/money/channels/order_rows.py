"""Orders as the rows that they are kept in."""

from typing import Any, Final

from ridecode.money.channels.kept import Kept, heard_of
from ridecode.money.channels.order import Order, Purse, State
from ridecode.store import Column

COLUMNS: Final = (
    Column("order_id", "uuid"), Column("account", "text"), Column("channel", "text"),
    Column("purse", "smallint"), Column("amount", "bigint"), Column("about", "uuid"),
    Column("made_at", "bigint"), Column("agreement", "bigint"), Column("state", "smallint"),
    Column("heard", "bytea"), Column("owed", "bigint"),
)  # fmt: skip
ID: Final = COLUMNS[0]
NAMES: Final = ", ".join(f"of.{column.name}" for column in COLUMNS)
"""What `kept_of` reads of `charge_orders AS of`, before the tries and when it is due."""
PURSES: Final = {int(purse): purse for purse in Purse}
_STATES: Final = {int(state): state for state in State}


def kept_of(row: tuple[Any, ...]) -> Kept:
    """The order of a row of `NAMES`, its tries, and when it is due."""
    order_id, account, channel, purse, amount, about, made_at, signed = row[:8]
    state, heard, owed, tries, due_at = row[8:]
    order = Order(order_id, account, channel, PURSES[purse], amount, about, made_at)
    return Kept(order, signed, _STATES[state], heard_of(heard), owed, tries, due_at)
