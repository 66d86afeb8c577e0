"""What opens a team's store: its address, and the credential for it, from the flag and the environment.

A secret that a file holds is read each time it is needed, so that a rotated one is taken.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from nucliactl import hints
from nucliactl.disk.reading import read_file, read_pipe
from nucliactl.disk.witness import is_pipe
from nucliactl.errors import Incomplete, Malformed
from nucliactl.fleet.address import FORMS, Address, parse_address
from nucliactl.model.profile import SecretRef
from nucliactl.model.tool_variables import SERVER_PASSWORD, SERVER_URL
from nucliactl.secret import Secret
from nucliactl.sources.environment.values import find_secret
from nucliactl.sources.environment.variables import FILE, Environment

OF_VAULT = ("VAULT_TOKEN", "VAULT_ROLE_ID", "VAULT_SECRET_ID")
"""The secrets that are read under Vault's own names."""
NAMESPACE, AUTHORITY = "VAULT_NAMESPACE", "VAULT_CACERT"
_LIMIT = 64 * 1024
_PIPE_SECONDS = 10.0


class Access(NamedTuple):
    """An address with the variables that open it. `exposed` says that a password stands in a command
    line or a variable, as part of the address."""

    address: Address
    environ: Mapping[str, str]
    exposed: bool

    def __repr__(self) -> str:
        return f"Access({self.address.place})"  # a variable may hold a secret

    def secret(self, variable: str) -> Secret | None:
        """Return the secret in a variable or in the file that its `_FILE` twin names, None where neither is
        set. Raises Ambiguous for both, Incomplete for a file that is missing or empty."""
        held = find_secret(Environment(self.environ), (variable,))
        if held.empty and held.variable:
            raise Incomplete(f"{held.empty}.", hint="Write it there, or unset the variable.")
        return _opened(held.ref, held.variable or variable) if held.ref else None

    def password(self) -> Secret | None:
        """Return the password or token that the address has, else that of NUCLIA_PROFILES_PASSWORD."""
        return self.address.password or self.secret(SERVER_PASSWORD)

    def used(self) -> tuple[str, ...]:
        """Return the variables of the store's own that are read for it: what it opens is not for others."""
        if self.address.server != "vault":
            return ()
        names = (*OF_VAULT, *(name + FILE for name in OF_VAULT), NAMESPACE, AUTHORITY)
        return tuple(name for name in names if name in self.environ)

    def setting(self, variable: str) -> str | None:
        return self.environ.get(variable) or None

    @property
    def authority(self) -> str | None:
        """The file of the certificate authorities that are trusted instead of the system's. Raises Malformed
        where it cannot be read."""
        given = {"ssl_ca_certs": self.address.options.get("ssl_ca_certs")}
        if self.address.server == "vault":
            given = {AUTHORITY: self.setting(AUTHORITY)}
        [(name, path)] = given.items()
        if path and not os.access(path, os.R_OK):
            raise Malformed(f"{name} names a file that cannot be read.", hint=f"Correct {name}.")
        return path


def access_of(flag: str | None, environ: Mapping[str, str], what: str, *, default: bool) -> Access:
    """Return the access to a store: to the one that a flag (`what`) names, else, where there is a `default`,
    to that of NUCLIA_PROFILES_URL.

    Raises Malformed where none is named, or what is named is none; Refused for one in the clear.
    """
    if flag is not None:
        address = parse_address(flag, what)
        return Access(address, environ, address.password is not None)
    held = find_secret(Environment(environ), (SERVER_URL,)) if default else None
    if held is None or held.ref is None:
        if held and held.empty and held.variable:
            raise Incomplete(f"{held.empty}.", hint="Write it there, or unset the variable.")
        also = f" {SERVER_URL} may name it too." if default else ""
        raise Malformed(f"{what} is missing: the store of the profiles.", hint=f"It is {FORMS}.{also}")
    variable = held.variable or SERVER_URL
    address = parse_address(_opened(held.ref, variable).reveal(), variable)
    return Access(address, environ, address.password is not None and variable == SERVER_URL)


def advice(access: Access) -> str | None:
    """Return what to say of a password that others may see, None where none is seen."""
    if not access.exposed:
        return None
    return (
        f"the address has a password, which other programs of this machine may see; keep it in a file: "
        f"{SERVER_PASSWORD}_FILE=FILE"
    )


def _opened(ref: SecretRef, variable: str) -> Secret:
    if ref.value is not None:
        return ref.value
    if is_pipe(ref.where):
        data = read_pipe(ref.where, _PIPE_SECONDS, limit=_LIMIT)
    else:
        contents = read_file(ref.where, limit=_LIMIT)
        data = contents.data if contents else b""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Malformed(f"The file that {variable} names is not text.", hint=hints.PULL_HELP) from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise Incomplete(f"The file that {variable} names is empty.", hint="Write it there.")
    return Secret(text)
