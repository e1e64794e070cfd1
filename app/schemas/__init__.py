"""Request and response bodies of the API, one file per subject."""
