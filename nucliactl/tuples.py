"""`NamedTuple` as `typing` has it, at a sixth of its price.

`typing` compiles code for each class and is itself slow to import. A command such as `current` declares forty
of these classes before it does anything: here a class only notes what its fields are called. To a checker
both are the same. A module that declares one has `from __future__ import annotations`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 (re-exported)
else:
    from _collections import _tuplegetter  # what `namedtuple` itself makes its fields of

    _new = tuple.__new__

    class NamedTuple(tuple):
        """A tuple whose items have names."""

        __slots__ = ()

        def __init_subclass__(cls):
            """Make the annotated names of a class its fields, and what they are set to their defaults."""
            declared = cls.__dict__
            fields = tuple(declared.get("__annotations__", ()))
            cls._fields = cls.__match_args__ = fields
            cls._size = len(fields)
            cls._field_defaults = {field: declared[field] for field in fields if field in declared}
            cls._last = tuple(cls._field_defaults.values())
            for place, field in enumerate(fields):
                setattr(cls, field, _tuplegetter(place, None))

        def __new__(cls, *given, **named):
            if named or len(given) != cls._size:
                given = _completed(cls, given, named)
            return _new(cls, given)

        @classmethod
        def _make(cls, values):
            found = _new(cls, values)
            if len(found) != cls._size:
                raise _misfit(cls)
            return found

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **named):
            values = tuple(map(named.pop, self._fields, self))
            if named:
                raise _misfit(self.__class__)
            return self.__class__(*values)

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            items = (f"{field}={value!r}" for field, value in self._asdict().items())
            return f"{self.__class__.__name__}({', '.join(items)})"

    def _completed(cls, given, named):
        """Return all values of a new tuple; TypeError where one is missing, or is no field's."""
        short = cls._size - len(given)
        if not named and 0 < short <= len(cls._last):
            return given + cls._last[-short:]
        left = cls._fields[len(given) :]
        defaults = cls._field_defaults
        try:
            values = tuple([named.pop(field) if field in named else defaults[field] for field in left])
        except KeyError:
            raise _misfit(cls) from None
        if named or not left:
            raise _misfit(cls)
        return given + values

    def _misfit(cls):
        return TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}, each once")
