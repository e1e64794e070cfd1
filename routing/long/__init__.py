"""The search for long routes, whose days are too many stops to be priced one by one."""
