"""Waits for asyncio's work from ordinary code: one event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import atexit
import inspect
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Item = TypeVar("Item")


class _Loop:
    """The event loop that all blocking clients of a process share.

    There is one, because gRPC's asyncio channels get in each other's way on several.
    """

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(
            target=self.loop.run_forever, name="ticketonomics-client", daemon=True
        )
        self.thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Ends the thread before the interpreter takes away what it stands on."""
        if self.pid == os.getpid():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(timeout=5)


_lock = threading.Lock()
_shared: _Loop | None = None


def _shared_loop() -> _Loop:
    global _shared  # noqa: PLW0603 - one for the process, whoever comes first.
    with _lock:
        # A forked child has the object and not the thread.
        if _shared is None or _shared.pid != os.getpid():
            _shared = _Loop()
        return _shared


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine in the background and waits for its result.

    Ctrl-C, or whatever else interrupts the waiting, cancels it.

    Raises:
        RuntimeError: The caller is in the background thread itself, which would wait for ever.
    """
    shared = _shared_loop()
    if threading.current_thread() is shared.thread:
        work.close()
        raise RuntimeError("a blocking client cannot be used in its own background thread")
    future = asyncio.run_coroutine_threadsafe(work, shared.loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


class HasPrincipal(Protocol):
    """Whoever has asynchronous calls to wait for."""

    _principal: Any


class Blocking(Generic[Parameters, Result]):
    """A method that waits for the answer of the asynchronous one; its signature is the same."""

    def __init__(
        self, method: Callable[Concatenate[Any, Parameters], Coroutine[Any, Any, Result]]
    ) -> None:
        self._method = method
        self.__doc__ = method.__doc__
        self.__signature__ = inspect.signature(method)

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: HasPrincipal, owner: type) -> Callable[Parameters, Result]: ...
    def __get__(
        self, instance: HasPrincipal | None, owner: type
    ) -> Self | Callable[Parameters, Result]:
        if instance is None:
            return self
        principal = instance._principal

        def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            return run(self._method(principal, *args, **kwargs))

        return _dressed(call, self._method)


class BlockingIterator(Generic[Parameters, Item]):
    """A method that iterates over what the asynchronous one yields; its signature is the same."""

    def __init__(self, method: Callable[Concatenate[Any, Parameters], AsyncIterator[Item]]) -> None:
        self._method = method
        self.__doc__ = method.__doc__
        self.__signature__ = inspect.signature(method)

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(
        self, instance: HasPrincipal, owner: type
    ) -> Callable[Parameters, Stream[Item]]: ...
    def __get__(
        self, instance: HasPrincipal | None, owner: type
    ) -> Self | Callable[Parameters, Stream[Item]]:
        if instance is None:
            return self
        principal = instance._principal

        def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Stream[Item]:
            return Stream(lambda: self._method(principal, *args, **kwargs))

        return _dressed(call, self._method)


class Stream(Iterator[Item]):
    """An iterator over a list or a stream; `close` ends it at once, and so does `with`."""

    def __init__(self, begin: Callable[[], AsyncIterator[Item]]) -> None:
        self._items = run(_begin(begin))
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Item:
        if self._closed:
            raise StopIteration
        item = run(_next(self._items))
        if isinstance(item, _End):
            self._closed = True
            raise StopIteration
        return item

    def close(self) -> None:
        """Ends the stream; iterating it is over then."""
        if not self._closed:
            self._closed = True
            run(_close(self._items))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _End:
    """What comes after the last item."""


_END = _End()


async def _begin(begin: Callable[[], AsyncIterator[Item]]) -> AsyncIterator[Item]:
    """Begins in the background, where there is an event loop to make a channel for."""
    return begin()


async def _next(items: AsyncIterator[Item]) -> Item | _End:
    return await anext(items, _END)


async def _close(items: AsyncIterator[Any]) -> None:
    close = getattr(items, "aclose", None)
    if close is not None:
        await close()


def _dressed(call: Callable[Parameters, Result], method: Any) -> Callable[Parameters, Result]:
    """Gives a bound call the name, document and signature that a reader of it expects."""
    update_wrapper(call, method)
    signature = inspect.signature(method)
    _, *parameters = signature.parameters.values()
    # The type of functions does not know of it; `inspect` looks for it.
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return call
