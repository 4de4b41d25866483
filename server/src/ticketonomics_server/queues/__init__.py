"""Tier queues: rounds that fill, are drawn, and lead from one tier of tickets to the next."""
