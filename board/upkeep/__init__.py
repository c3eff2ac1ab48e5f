"""Upkeep of an area's records in the browser: which kinds there are, their forms, what depends on each."""
