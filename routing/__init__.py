"""Team orienteering over precomputed matrices; all numbers are the units named in problem.py."""
