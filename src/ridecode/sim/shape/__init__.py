"""The shape of a simulated city held against the real sets."""

from ridecode.sim.shape.compare import Distance, Shape, shape

__all__ = ["Distance", "Shape", "shape"]
