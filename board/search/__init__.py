"""Search across everything a person may see of an area.

`sources` says which words of which record can be found. `keeping` has the database itself keep them in step, by triggers,
so that `bulk_create`, `update` and a shell are caught too. `sqlite` and `postgres` are the two ways of looking words up;
`finding.find` is the one interface over both. `places` says where each record that was found stands now.
"""
