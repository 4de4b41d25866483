"""Recomputes a whole economy from its journal and says what does not agree."""

from ticketonomics_server.verification.report import Invariant, Report, Violation
from ticketonomics_server.verification.verify import verify

__all__ = ["Invariant", "Report", "Violation", "verify"]
