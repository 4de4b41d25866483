"""What every servicer stands on: callers, permissions, errors, fields, pages, reads."""
