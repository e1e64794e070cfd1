"""Column generation over days: pricing of routes, the master, the bound, enumeration in the gap."""
