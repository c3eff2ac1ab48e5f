"""The demonstration: made-up leads, sign-ins, reports and monthly figures on real plans, all tagged, all removable."""
