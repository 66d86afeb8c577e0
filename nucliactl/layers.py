"""The effective values of the one chosen profile, and where each came from.

dynaconf merges; our sources read. It is never given a path, an environment or a secret: only plain
dictionaries of declared keys, one layer each, with a unique identifier `NN word: location`. Its
history is the only source of what `explain` calls `values`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nucliactl.disk.paths import SYSTEM
from nucliactl.errors import Damaged, Malformed
from nucliactl.model.fields import FIELDS, file_keys
from nucliactl.model.kinds import KINDS
from nucliactl.model.profile import Definition, Source
from nucliactl.model.shared_fields import Field
from nucliactl.model.ways import WAYS
from nucliactl.sources.sources import Sources
from nucliactl.store.lines import place_of
from nucliactl.store.settings import OF_PROFILES
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dynaconf import Dynaconf

    from nucliactl.model.words import KindName, SourceKind

_SECONDS = "timeout"
_OVERLAY = ("account", "zone")


class Value(NamedTuple):
    """An effective value and the source that gave it."""

    key: str
    value: Any
    source: Source


class Layer(NamedTuple):
    """One layer: its rank (two digits, later wins), its source, and its values."""

    rank: int
    source: Source
    values: Mapping[str, Any]


def effective(definition: Definition, sources: Sources, *, explained: bool = False) -> dict[str, Value]:
    """Return what holds for a profile, by key, in the order of the declaration: defaults < /etc's
    config.toml < the store's < the `extends` chain < the definition < NUCLIACTL_* and overlays of the
    environment.

    dynaconf merges where a key stands in two layers, and always where the values are `explained`; else
    there is nothing to merge, and it is not loaded. Raises UnknownProfile or Damaged for a chain that
    cannot be followed, Damaged or Malformed for a setting that is not well formed.
    """
    layers = list(profile_layers(definition, sources))
    return merge(layers, definition.kind) if explained else _joined(layers, definition.kind)


def seconds_of(definition: Definition, sources: Sources) -> float:
    """Return the seconds that one call of a profile may take in all. Raises what `effective` raises."""
    stated = (
        layer._replace(values={_SECONDS: layer.values[_SECONDS]})
        for layer in profile_layers(definition, sources)
        if _SECONDS in layer.values
    )
    return float(_joined(list(stated), definition.kind)[_SECONDS].value)


def _joined(layers: list[Layer], kind: KindName) -> dict[str, Value]:
    return merge(layers, kind) if _overlap(layers) else put_together(layers, kind)


def profile_layers(definition: Definition, sources: Sources) -> Iterator[Layer]:
    kind = definition.kind
    defaults = {f.name: f.default for f in KINDS[kind].fields if f.default is not None}
    yield Layer(0, Source("default", "built in"), defaults)
    for rank, (path, table) in enumerate(sources.config(OF_PROFILES).files, 10):
        place: SourceKind = "system" if os.path.dirname(path) == SYSTEM else "store"
        yield Layer(rank, Source(place, path), _settings(table, path))
    for rank, base in enumerate(reversed(sources.bases(definition)), 30):
        inherited = {f.name for f in KINDS[kind].fields if f.inherited}
        values = {key: value for key, value in base.values.items() if key in inherited}
        yield Layer(rank, base.source, values)
    yield from _definition_layers(definition)
    for declared in _overlays(kind):
        for variable in declared.variables:
            if value := sources.environment.variables.get(variable):
                source = Source("env", variable)
                yield Layer(60, source, {declared.name: _typed(declared, value, variable)})
                break


def _settings(table: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The settings of a config.toml that concern a profile."""
    values = {f.name: table[f.name] for f in FIELDS if f.setting and f.name in table}
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
            raise Damaged(
                f"{place_of(path, key)}: {key} is not a number of seconds.", hint=f"For example {key} = 30."
            )
    return values


def _typed(declared: Field, value: str, variable: str) -> Any:
    if declared.form == "number":
        return as_seconds(value, variable)
    return declared.check(value, variable) if declared.check else value


def as_seconds(value: str, where: str) -> int | float:
    """Read a positive number of seconds, a whole one as int; raise Malformed naming `where` it was given."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise Malformed(f"{where} is not a number of seconds.", hint="Give it as a number, for example 30.")
    return int(seconds) if seconds.is_integer() else seconds


def _overlays(kind: KindName) -> Iterator[Field]:
    for declared in KINDS[kind].fields:
        ours = declared.variables[:1] == (f"NUCLIACTL_{declared.name.upper()}",)
        if ours or (declared.name in _OVERLAY and KINDS[kind].signed_in):
            yield declared


def _definition_layers(definition: Definition) -> Iterator[Layer]:
    """The definition, one layer for each place its values came from (variables of one environment)."""
    by_place: dict[Source, dict[str, Any]] = {definition.source: {"kind": definition.kind}}
    for key, value in definition.values.items():
        place = definition.places.get(key, definition.source)
        by_place.setdefault(place, {})[key] = list(value) if isinstance(value, tuple) else value
    secret, declared = definition.secret, KINDS[definition.kind].secret
    if declared is not None:
        name = declared.name
        if suffix := WAYS[secret.way].suffix:
            by_place[definition.source][name + suffix] = secret.where
        elif secret.kept:
            by_place.setdefault(Source("store", secret.where), {})[name] = secret.shown
        elif secret.value is not None:
            place = definition.places.get(name, definition.source)
            by_place.setdefault(place, {})[name] = secret.shown
    for place, values in by_place.items():
        yield Layer(50, place, values)


def _stated(layer: Layer) -> dict[str, Any]:
    return {key: value for key, value in layer.values.items() if value is not None and value != ""}


def _overlap(layers: list[Layer]) -> bool:
    """Say whether a key stands in two layers."""
    keys = [key for layer in layers for key in _stated(layer)]
    return len(keys) != len(set(keys))


def put_together(layers: list[Layer], kind: KindName) -> dict[str, Value]:
    """Return what `merge` does of layers no two of which state one key."""
    found: dict[str, Value] = {}
    for layer in layers:
        for key, value in _stated(layer).items():
            found[key] = Value(key, list(value) if isinstance(value, list) else value, layer.source)
    return {key: found[key] for key in file_keys(kind) if key in found}


def merge(layers: list[Layer], kind: KindName) -> dict[str, Value]:
    """Merge layers by dynaconf and read the winners and their places from its history."""
    from dynaconf.utils.inspect import get_history

    settings, sources = settings_of(layers)
    declared = {key.upper(): key for key in file_keys(kind)}
    found: dict[str, Value] = {}
    for entry in get_history(settings):
        source = sources.get(str(entry["identifier"]))
        if source is not None and isinstance(entry["value"], dict):
            for upper, value in entry["value"].items():
                if key := declared.get(upper):
                    found[key] = Value(key, list(value) if isinstance(value, list) else value, source)
    return {key: found[key] for key in declared.values() if key in found}


def settings_of(layers: list[Layer]) -> tuple[Dynaconf, dict[str, Source]]:
    """Return dynaconf settings of the layers, and the source behind each identifier in its history.

    Invariant: the last history entry of a key equals its value.
    """
    settings, sources = warm().dynaconf_clone(), dict[str, Source]()
    for layer in sorted(layers, key=lambda layer: layer.rank):
        if plain := _stated(layer):
            identifier = f"{layer.rank:02} {layer.source}"
            sources[identifier] = layer.source
            settings.update(plain, loader_identifier=identifier, tomlfy=False, merge=False)
    return settings, sources


_template: Dynaconf | None = None
_making = threading.RLock()
if hasattr(os, "register_at_fork"):
    # No fork in the midst of it: the child would wait for an import that nobody ends there.
    os.register_at_fork(
        before=_making.acquire, after_in_parent=_making.release, after_in_child=_making.release
    )


def warm() -> Dynaconf:
    """Import dynaconf and build its template, once for the process; return the template.

    Meanwhile `DYNACONF_*` and `*_FOR_DYNACONF` are taken out of `os.environ`, because they steer
    every instance; a threaded host that reads such variables calls this early.
    """
    global _template
    with _making:
        if _template is None:
            with _scrubbed():
                from dynaconf import Dynaconf

                template = Dynaconf(
                    envvar_prefix=None,
                    settings_files=[],
                    loaders=[],
                    core_loaders=[],
                    auto_cast=False,
                    environments=False,
                    load_dotenv=False,
                )
                template.as_dict()
            _template = template
        return _template


def reset() -> None:
    """Forget the template, for tests."""
    global _template
    with _making:
        _template = None


@contextmanager
def _scrubbed() -> Iterator[None]:
    steering = [k for k in os.environ if k.endswith("_FOR_DYNACONF") or k.startswith("DYNACONF_")]
    taken = {key: os.environ.pop(key) for key in steering}
    try:
        yield
    finally:
        os.environ.update(taken)
