"""The services of the contracts: whoever tries every method takes them from here."""

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from ticketonomics_server.app import SERVICES as NAMES

_POOL = descriptor_pool.Default()

# `tests/tidy` compares them with the contracts' folder.
SERVICES: list[ServiceDescriptor] = [_POOL.FindServiceByName(name) for name in NAMES]
METHODS: list[MethodDescriptor] = [method for service in SERVICES for method in service.methods]
