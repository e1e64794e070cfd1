"""Nights out: tours of several days, their search, their pricing, their master."""
