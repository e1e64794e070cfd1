"""Plans without a proof: greedy insertion, local moves, ruin and recreate, OR-Tools routing."""
