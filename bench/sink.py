"""A mail server that keeps no mail but writes down which it took, and misbehaves when it is told to.

As a program: python -m bench.sink PORT FILE. It reads what to do from standard input, one line each:

accept              the good mood, in which it begins
refuse              nobody listens on the port, and conversations that are going on are cut off
answer VERB TEXT    answers that to MAIL, RCPT or DATA, such as `answer RCPT 451 4.3.0 Later`
hang                says nothing any more
drop NUMBER         takes every so manyth mail and hangs up without a word
slow MILLISECONDS   takes this long over each mail, as servers on other machines do
hold STAGE NUMBER   waits at the so manyth mail that comes to RCPT, TEXT or DONE; says "held" and the client's port
go on               ends that wait

A mailbox whose name begins with "onbekend" does not exist, in every mood.
"""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import ClassVar

UNKNOWN = "onbekend"
UNKNOWN_EVERY = 5  # mailboxes, where a script wants some to be unknown
_MESSAGE_ID = re.compile(rb"^Message-ID: *(?:\r\n[ \t]+)?(\S+)", re.IGNORECASE | re.MULTILINE)
_END = b"\r\n.\r\n"
_FLUSH_EVERY = 0.1  # seconds


class Mood:
    """How the server behaves, and what it took: for each mail a line of Message-ID, recipient and what it said."""

    def __init__(self, taken: TextIOWrapper) -> None:
        self.taken = taken
        self.be_good()
        self.hold_at, self.hold_in = "", 0
        self.held: Conversation | None = None
        self.conversations: set[Conversation] = set()

    def be_good(self) -> None:
        self.answers: dict[str, str] = {}
        self.is_hanging = False
        self.drop_every = self.seen = 0
        self.slowness = 0.0  # seconds

    def must_hold(self, stage: str) -> bool:
        if stage != self.hold_at:
            return False
        self.hold_in -= 1
        if self.hold_in > 0:
            return False
        self.hold_at = ""
        return True

    def must_drop(self) -> bool:
        self.seen += 1
        return bool(self.drop_every) and self.seen % self.drop_every == 0


class Conversation(asyncio.Protocol):
    replies: ClassVar[dict[str, str]] = {
        "EHLO": "250-localhost\r\n250 PIPELINING",  # it reads ahead, as real servers do (RFC 2920)
        "DATA": "354 Go on",
        "QUIT": "221 Bye",
    }

    def __init__(self, mood: Mood) -> None:
        self.mood = mood
        self.buffer = b""
        self.recipient = ""
        self.has_sender = self.is_in_text = False
        self.said: list[bytes] = []  # goes out together, once what came together is read
        self.waiting: str | None = None  # the answer that is held back

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.mood.conversations.add(self)
        self.say("220 localhost")
        self.speak()

    def connection_lost(self, exc: Exception | None) -> None:
        self.mood.conversations.discard(self)

    def say(self, answer: str) -> None:
        if not self.mood.is_hanging:
            self.said.append(answer.encode() + b"\r\n")

    def speak(self) -> None:
        if self.said and not self.transport.is_closing():
            self.transport.write(b"".join(self.said))
        self.said.clear()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.read()
        self.speak()

    def read(self) -> None:
        while not self.mood.is_hanging and self.waiting is None:
            end = _END if self.is_in_text else b"\r\n"
            piece, found, rest = self.buffer.partition(end)
            if not found:
                return
            self.buffer = rest
            if self.is_in_text:
                self.take(piece)
            else:
                self.answer(piece.decode(errors="replace"))

    def answer(self, line: str) -> None:
        verb = line[:4].upper()
        answer = self.mood.answers.get(verb) or self.replies.get(verb, "250 OK")
        if verb == "MAIL":
            self.recipient, self.has_sender = "", answer.startswith("250")
        if verb == "RCPT":
            answer = self.answer_to_recipient(line.partition("<")[2].partition(">")[0], answer)
        if verb == "DATA" and not self.recipient:
            answer = "503 5.5.1 No recipient"
        self.is_in_text = verb == "DATA" and answer.startswith("354")
        self.say_or_hold(verb, answer)

    def answer_to_recipient(self, address: str, answer: str) -> str:
        if not self.has_sender:
            return "503 5.5.1 No sender"
        if address.startswith(UNKNOWN):
            return "550 5.1.1 No such mailbox"
        if answer.startswith("250"):
            self.recipient = address
        return answer

    def take(self, text: bytes) -> None:
        self.is_in_text = False
        found = _MESSAGE_ID.search(text)
        if found is None:
            self.say("554 5.6.0 No Message-ID")
            return
        message_id = found[1].decode()
        if self.mood.must_drop():
            self.write_down(message_id, "dropped")
            self.transport.abort()
        elif self.mood.slowness:
            asyncio.get_running_loop().call_later(self.mood.slowness, self.confirm_later, message_id)
        else:
            self.confirm(message_id)

    def confirm_later(self, message_id: str) -> None:
        """Unless whoever sent it has hung up meanwhile."""
        if not self.transport.is_closing():
            self.confirm(message_id)
            self.speak()

    def write_down(self, message_id: str, outcome: str) -> None:
        self.mood.taken.write(f"{message_id}\t{self.recipient}\t{outcome}\n")

    def confirm(self, message_id: str) -> None:
        self.write_down(message_id, "taken")
        self.say_or_hold("TEXT", "250 OK")
        if self.waiting is None and self.mood.must_hold("DONE"):
            self.hold("")

    def say_or_hold(self, stage: str, answer: str) -> None:
        if self.mood.must_hold(stage):
            self.hold(answer)
        else:
            self.say(answer)

    def hold(self, answer: str) -> None:
        self.waiting = answer
        self.mood.held = self
        self.mood.taken.flush()
        print(f"held {self.transport.get_extra_info('peername')[1]}", flush=True)

    def go_on(self) -> None:
        answer, self.waiting = self.waiting, None
        if answer:
            self.say(answer)
        self.read()
        self.speak()


class Server:
    def __init__(self, port: int, mood: Mood) -> None:
        self.port = port
        self.mood = mood
        self.server: asyncio.Server | None = None

    async def listen(self) -> None:
        if self.server is None:
            loop = asyncio.get_running_loop()
            make = partial(Conversation, self.mood)
            self.server = await loop.create_server(make, "127.0.0.1", self.port, backlog=100)

    async def obey(self, line: str) -> None:
        order, *words = line.split()
        if order == "go":
            self._go_on()
        elif order == "hold":
            self.mood.hold_at, self.mood.hold_in = words[0], int(words[1])
        else:
            await self._change_mood(order, words)
        print("done", flush=True)

    def _go_on(self) -> None:
        if self.mood.held is not None:
            self.mood.held.go_on()
            self.mood.held = None

    async def _change_mood(self, order: str, words: list[str]) -> None:
        was_hanging = self.mood.is_hanging
        self.mood.be_good()
        if order == "refuse" or was_hanging:
            self._cut_off_all()
        if order == "refuse" and self.server is not None:
            self.server.close()
            self.server = None
            return
        self.mood.is_hanging = order == "hang"
        if order == "answer":
            self.mood.answers[words[0]] = " ".join(words[1:])
        elif order == "drop":
            self.mood.drop_every = int(words[0])
        elif order == "slow":
            self.mood.slowness = int(words[0]) / 1000
        await self.listen()

    def _cut_off_all(self) -> None:
        """Not by abort(), which could swallow the last "250 OK"."""
        for conversation in self.mood.conversations:
            conversation.transport.close()


async def serve(port: int, path: Path) -> None:
    with path.open("a", encoding="ascii", errors="replace") as taken:
        server = Server(port, Mood(taken))
        await server.listen()
        print("ready", flush=True)
        orders = asyncio.ensure_future(_obey_orders(server))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, orders.cancel)
        while not orders.done():
            await asyncio.sleep(_FLUSH_EVERY)
            taken.flush()


async def _obey_orders(server: Server) -> None:
    """Until whoever gives them is gone."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await server.obey(line.decode())


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
