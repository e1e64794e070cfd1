"""Files of an office to checked frames and arrays."""
