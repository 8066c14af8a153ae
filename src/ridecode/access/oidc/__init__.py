"""OIDC: who people are by the word of one issuer elsewhere.

In: what `access.toml` says of the issuer, its keys by HTTPS, a token. Out: the name, and the grants
that its claims mean here, or that it does not count.
Never: an algorithm or a key that the token chooses, a role that the settings do not name.
"""

from ridecode.access.oidc.issuer import Issuer
from ridecode.access.oidc.keys import Keys
from ridecode.access.oidc.settings import Settings, read_settings

__all__ = ["Issuer", "Keys", "Settings", "read_settings"]
