"""The order of candidates written a second time, from the documentation alone. Imports nothing from the package.

A world is plain data (see `test_oracle.py`); `expected(world)` is [name, source word] or an exit code.
"""

from typing import Any

Answer = list[str] | int
KINDS = ("user", "personal-token", "kb", "nua", "nucliadb")


PROJECT_WORDS = {"": "on", "1": "on", "on": "on", "0": "off", "no": "off", "trust": "trust"}


class Wrong(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def credentials(variables: dict[str, str], trusted: bool) -> dict[str, int]:
    """Kind → 0 for a whole credential, else the exit code of its problem."""
    found: dict[str, int] = {}
    if variables.get("NUCLIA_PERSONAL_TOKEN"):
        found["personal-token"] = 0
    url, key = variables.get("NUCLIA_KB_URL"), variables.get("NUCLIA_API_KEY")
    if url and key:
        found["kb"] = 0 if trusted or "evil" not in url else 6
    elif url or key:
        found["kb"] = 4  # half, or set but empty
    if variables.get("NUCLIA_NUA_KEY"):
        found["nua"] = 0
    if variables.get("NUCLIADB_URL"):
        found["nucliadb"] = 0 if trusted or "evil" not in variables["NUCLIADB_URL"] else 6
    return found


def of_environment(variables: dict[str, str], kinds: list[str], trusted: bool = True) -> str | None:
    """The kind meant in one environment, None if it offers nothing that fits; raises Wrong."""
    offers = credentials(variables, trusted)
    if not offers:
        return None
    if kinds:
        for kind in kinds:
            if kind in offers:
                if offers[kind]:
                    raise Wrong(offers[kind])
                return kind
        return None
    chosen = variables.get("NUCLIA_KIND")
    if chosen:
        offers = {kind: code for kind, code in offers.items() if kind == chosen}
        if not offers:
            raise Wrong(3)
    for kind in KINDS:
        if offers.get(kind):
            raise Wrong(offers[kind])
    if len(offers) > 1:
        raise Wrong(3)
    return next(iter(offers))


def chooses(variables: dict[str, str] | None) -> bool:
    """Whether a `.env` names a profile, or has a credential, whole or half."""
    return bool(variables and (variables.get("NUCLIA_PROFILE") or credentials(variables, False)))


def refused(world: dict[str, Any], which: str, project: str) -> bool:
    """A link that leaves the project is never followed; mode and owner are the user's to lift."""
    flaw = world["flaws"].get(which)
    return flaw == "link" or (flaw == "mode" and project != "trust" and not world["trusted"])


def heard(world: dict[str, Any]) -> dict[str, str]:
    project = PROJECT_WORDS[world["project"].strip().lower()]
    if project == "off" or refused(world, "dotenv", project):
        return {}
    return world["dotenv"] or {}


def named(names: list[str], world: dict[str, Any], kinds: list[str], strict: bool) -> str | None:
    """The name meant by a list of names; None if none fits and that is no error."""
    found: list[tuple[str, str]] = []
    for name in names:
        if name in ("env", "dotenv"):
            if name == "dotenv" and world["dotenv"] and chooses(world["dotenv"]):
                project = PROJECT_WORDS[world["project"].strip().lower()]
                if project != "off" and refused(world, "dotenv", project):
                    raise Wrong(6)
            variables = world["env"] if name == "env" else heard(world)
            if not credentials(variables, name == "env"):
                raise Wrong(3)
            kind = of_environment(variables, kinds, name == "env")
            if kind is None:
                continue
            found.append((name, kind))
        elif name in world["profiles"]:
            found.append((name, world["profiles"][name][0]))
        else:
            raise Wrong(3)
    if not kinds:
        if len({kind for _, kind in found}) < len(found):
            raise Wrong(3)
        return found[0][0]
    for kind in kinds:
        for name, its in found:
            if its == kind:
                return name
    if strict:
        raise Wrong(3)
    return None


def active(world: dict[str, Any], kinds: list[str]) -> str | None:
    """What was switched to: one profile, or several of different kinds."""
    profiles, selected = world["profiles"], world["current"].split(",") if world["current"] else []
    if any(name not in profiles for name in selected):
        raise Wrong(3)
    if selected and not kinds:
        return str(selected[0])
    for kind in kinds:
        for name in selected:
            if profiles[name][0] == kind:
                return str(name)
    account = next((profiles[name][1] for name in selected if profiles[name][1]), None)

    def other(name: str) -> bool:
        return bool(account and profiles[name][1] and account != profiles[name][1])

    unclear = False
    for kind in kinds:
        last = world["last"].get(kind)
        if last in profiles and profiles[last][0] == kind and not other(last):
            return str(last)
        of_kind = [name for name in profiles if profiles[name][0] == kind]
        if len(of_kind) == 1 and not other(of_kind[0]):
            return of_kind[0]
        unclear = unclear or bool(of_kind)
    if unclear:
        raise Wrong(3)
    return None


def expected(world: dict[str, Any]) -> Answer:
    kinds = world["kinds"]
    project = PROJECT_WORDS.get(world["project"].strip().lower(), "wrong")
    try:
        if project == "wrong":
            raise Wrong(2)
        if world["flag"]:
            return [str(named(world["flag"], world, kinds, True)), "flag"]
        if world["names"]:
            return [str(named(world["names"], world, kinds, True)), "env"]
        if of_environment(world["env"], kinds):
            return ["env", "env"]
        walk = project != "off"
        if walk and refused(world, "dotenv", project) and chooses(world["dotenv"]):
            raise Wrong(6)
        if walk and world["dotenv"] and not refused(world, "dotenv", project):
            if world["dotenv"].get("NUCLIA_PROFILE"):
                name = named(world["dotenv"]["NUCLIA_PROFILE"].split(","), world, kinds, False)
                if name:
                    return [name, "dotenv"]
            if of_environment(world["dotenv"], kinds, False):
                return ["dotenv", "dotenv"]
        if walk and world["pin"] and refused(world, "pin", project):
            raise Wrong(6)
        if walk and world["pin"]:
            name = named(world["pin"], world, kinds, False)
            if name:
                return [name, "pin"]
        name = active(world, kinds)
        return [name, "active"] if name else 4
    except Wrong as wrong:
        return wrong.code
