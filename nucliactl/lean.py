"""`contextmanager`, `suppress`, `lru_cache` and `partial` as Python's library has them, much cheaper.

`contextlib` and `functools` load `collections` and more, a third of what a bare interpreter costs. To a
checker these are theirs. `lru_cache` takes no options here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import contextmanager as contextmanager  # noqa: PLC0414 (re-exported)
    from contextlib import suppress as suppress  # noqa: PLC0414 (re-exported)
    from functools import lru_cache as lru_cache  # noqa: PLC0414 (re-exported)
    from functools import partial as partial  # noqa: PLC0414 (re-exported)
else:
    from _functools import _lru_cache_wrapper
    from _functools import partial as partial  # noqa: PLC0414 (re-exported)

    def lru_cache(function):
        """Remember what a function returned for the last 128 arguments."""
        return _lru_cache_wrapper(function, 128, False, tuple)

    class suppress:  # noqa: N801 (called as contextlib's is)
        """A block that ends where one of these exceptions is raised in it."""

        def __init__(self, *kinds):
            self._kinds = kinds

        def __enter__(self):
            pass

        def __exit__(self, kind, *_):
            return kind is not None and issubclass(kind, self._kinds)

    def contextmanager(function):
        """Make a generator function that yields once one that returns blocks (or decorators)."""

        def block(*given, **named):
            return _Block(partial(function, *given, **named))

        block.__name__, block.__doc__, block.__wrapped__ = function.__name__, function.__doc__, function
        return block

    class _Block:
        def __init__(self, make):
            self._make = make

        def __call__(self, function):
            from functools import wraps

            @wraps(function)
            def within(*given, **named):
                with _Block(self._make):
                    return function(*given, **named)

            return within

        def __enter__(self):
            self._steps = self._make()
            return next(self._steps)

        def __exit__(self, kind, error, trace):
            if kind is None:
                if next(self._steps, self) is not self:
                    raise RuntimeError("it yields more than once")
                return False
            try:
                self._steps.throw(error)
            except StopIteration as end:
                return end is not error
            except BaseException as raised:
                # A StopIteration of the block comes out of a generator as the cause of a RuntimeError.
                if raised is error or (isinstance(error, StopIteration) and raised.__cause__ is error):
                    error.__traceback__ = trace
                    return False
                raise
            raise RuntimeError("it yields more than once")
