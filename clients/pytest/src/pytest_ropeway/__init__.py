"""A Microsoft Entra ID test tenant for every test.

The fixture `entra_tenant` is a tenant of the test's own, `ropeway` the server behind it, `port_443` skips a test
that needs what only port 443 gives.
"""

from .server import Server
from .tenant import Refused, Tenant

__all__ = ["Refused", "Server", "Tenant"]
