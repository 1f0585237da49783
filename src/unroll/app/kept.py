"""What takes a moment to load is kept while its files stay as they are."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")


class _Loading:
    """One thing is being loaded."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class Kept(Generic[T]):
    """The last few things that were asked for; any thread may ask.

    Two threads that ask at once for the same thing wait for one loading; what takes long to load,
    as from a slow disk, holds up no other thing.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[Hashable, tuple[Hashable, T]] = OrderedDict()
        self._looking = threading.Lock()
        # A lock lives as long as somebody is loading or waits for it.
        self._loading: WeakValueDictionary[Hashable, _Loading] = WeakValueDictionary()

    def get(self, key: Hashable, state: Hashable, load: Callable[[], T]) -> T:
        """Return the thing of this key; `load` makes it where its `state` is another than before.

        Raises: what `load` raises; nothing is kept then.
        """
        known = self._find(key, state)
        if known is not None:
            return known[1]
        with self._looking:
            loading = self._loading.setdefault(key, _Loading())
        with loading.lock:
            known = self._find(key, state)
            if known is not None:
                return known[1]
            thing = load()
            with self._looking:
                self._things[key] = state, thing
                self._things.move_to_end(key)
                while len(self._things) > self._most:
                    self._things.popitem(last=False)
            return thing

    def _find(self, key: Hashable, state: Hashable) -> tuple[Hashable, T] | None:
        with self._looking:
            known = self._things.get(key)
            if known is None or known[0] != state:
                return None
            self._things.move_to_end(key)
            return known
