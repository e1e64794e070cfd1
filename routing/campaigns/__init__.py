"""Several weeks as one problem: plans, a bound, when a target is reached, how sure that is."""
