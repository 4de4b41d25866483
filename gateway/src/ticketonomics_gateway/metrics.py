"""What the gateway counts, for Prometheus. Read at `/metrics`."""

from prometheus_client import Counter, Gauge, Histogram

request_seconds = Histogram(
    "ticketonomics_gateway_request_seconds",
    "Time of requests and streams, by method of the contracts or route.",
    ["method", "status"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
open_requests = Gauge("ticketonomics_gateway_open_requests", "Requests and streams that are open.")
refusals = Counter(
    "ticketonomics_gateway_refusals_total", "Problems that were answered.", ["reason"]
)
