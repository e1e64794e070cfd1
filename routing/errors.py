"""What can be wrong with a problem."""


class RoutingError(Exception):
    """Root of what this package raises."""


class InvalidProblem(RoutingError, ValueError):
    """A problem contradicts itself; the message names the part, its position, what is allowed."""
