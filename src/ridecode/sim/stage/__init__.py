"""The stage: a seeded city that really runs, for a visitor to look at and to break.

In: a pack, the institutions whose codes are good there, a data folder with its clock, what a
visitor does. Out: readings at real gates (journal, upload, bundle), and what can be seen of them.
Never: a shortcut past a journal, the ingest or a signature; a figure that nobody counted.
"""

from ridecode.sim.stage.moments import Moment
from ridecode.sim.stage.stage import Read, Seen, Stage
from ridecode.sim.stage.till import Till

__all__ = ["Moment", "Read", "Seen", "Stage", "Till"]
