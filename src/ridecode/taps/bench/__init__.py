"""How fast taps are recorded and taken in here, measured.

In: a cell of their own. Out: figures with their bars. Never: a change that is left behind in a
cell that is somebody's.
"""

from ridecode.taps.bench.ingest import bench_ingest
from ridecode.taps.bench.record import bench_record

__all__ = ["bench_ingest", "bench_record"]
