"""A small TCP proxy with a hand on every connection: it can cut, refuse, delay, or go silent as a dead network does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import TypeVar

from deploy.run.processes import free_ports

Answer = TypeVar("Answer")
_Pair = tuple[asyncio.StreamWriter, asyncio.StreamWriter]


class ProxyPort:
    """One listening port before one server. All methods may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target_port: int):
        self._loop, self._target_port = loop, target_port
        self._pairs: set[_Pair] = set()
        self._refusing = self._silent = False
        self._delay = 0.0
        self.port = 0

    def cut(self) -> None:
        """Break every connection now; new ones are let through."""
        self._loop.call_soon_threadsafe(self._abort)

    def refuse(self) -> None:
        """Break every connection, and new ones as they come, until `heal`."""
        self._refusing = True
        self.cut()

    def delay(self, seconds: float) -> None:
        """Hold every piece of data back for that long, until `heal`."""
        self._delay = seconds

    def silence(self) -> None:
        """Make connections half-open: they stay and nothing passes in either direction, until `heal` breaks them."""
        self._silent = True

    def heal(self) -> None:
        broken, self._refusing, self._silent, self._delay = self._silent, False, False, 0.0
        if broken:
            self.cut()  # what was swallowed is gone: no side may go on as if it had arrived

    async def listen(self) -> None:
        (self.port,) = free_ports(1)
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    async def close(self) -> None:
        self._server.close()
        self._abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._refusing:
                raise ConnectionRefusedError
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, there_writer)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        except OSError:
            pass  # one side is gone, so the other shall be
        finally:
            self._pairs.discard(pair)
            for each in pair:
                each.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if self._delay:
                await asyncio.sleep(self._delay)
            if not self._silent:
                sink.write(data)
                await sink.drain()
        raise ConnectionResetError

    def _abort(self) -> None:
        for pair in self._pairs:
            for each in pair:
                each.transport.abort()


class Proxies:
    """The event loop of all links, in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._links: list[ProxyPort] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def link(self, target_port: int) -> ProxyPort:
        link = ProxyPort(self._loop, target_port)
        self._do(link.listen())
        self._links.append(link)
        return link

    def close(self) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        for link in self._links:
            await link.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _do(self, work: Coroutine[object, object, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)
