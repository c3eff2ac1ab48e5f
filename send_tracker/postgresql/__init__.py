"""Django's PostgreSQL with bounds on how long an answer is waited for (docs/failures.md)."""
