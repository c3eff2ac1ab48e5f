"""The Department for Education's open data: how its files are read, rehearsed and brought in."""
