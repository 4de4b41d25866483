"""A simulated community that lives on Ticketonomics."""
