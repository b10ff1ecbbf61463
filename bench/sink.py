"""Run a mail server that records which mails it took but keeps none, and misbehaves on order.

As a program: python -m bench.sink PORT FILE. It reads orders from standard input, one per line:

accept              behaves well, as at the start
refuse              closes the port and cuts off the conversations that are going on
answer VERB TEXT    answers this to MAIL, RCPT or DATA, such as `answer RCPT 451 4.3.0 Later`
hang                stops answering
drop NUMBER         takes every NUMBERth mail and hangs up without an answer
slow MILLISECONDS   takes this long over each mail, as servers on other machines do
hold STAGE NUMBER   pauses at the NUMBERth mail that reaches RCPT, TEXT or DONE; prints "held" and the port
go on               ends that pause

A mailbox whose name begins with "onbekend" does not exist, whatever the order.
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
UNKNOWN_EVERY = 5  # one mailbox in five, where a script needs unknown ones
_MESSAGE_ID = re.compile(rb"^Message-ID: *(?:\r\n[ \t]+)?(\S+)", re.IGNORECASE | re.MULTILINE)
_END_OF_TEXT = b"\r\n.\r\n"
_FLUSH_EVERY = 0.1  # seconds


class Behaviour:
    """Hold how the server behaves, and write a line for each mail: Message-ID, recipient and outcome."""

    def __init__(self, taken: TextIOWrapper) -> None:
        self.taken = taken
        self.behave_well()
        self.pause_at, self.pause_in = "", 0
        self.paused_conversation: SinkConversation | None = None
        self.conversations: set[SinkConversation] = set()

    def behave_well(self) -> None:
        self.answers: dict[str, str] = {}
        self.is_hanging = False
        self.drop_every = self.mails_seen = 0
        self.slowness = 0.0  # seconds

    def must_pause(self, stage: str) -> bool:
        if stage != self.pause_at:
            return False
        self.pause_in -= 1
        if self.pause_in > 0:
            return False
        self.pause_at = ""
        return True

    def must_drop(self) -> bool:
        self.mails_seen += 1
        return bool(self.drop_every) and self.mails_seen % self.drop_every == 0


class SinkConversation(asyncio.Protocol):
    replies: ClassVar[dict[str, str]] = {
        "EHLO": "250-localhost\r\n250 PIPELINING",  # accepts several lines at once, as real servers do (RFC 2920)
        "DATA": "354 Go on",
        "QUIT": "221 Bye",
    }

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.buffer = b""
        self.recipient = ""
        self.has_sender = self.is_in_text = False
        self.pending_answers: list[bytes] = []  # answers to lines that came together are sent together
        self.answer_after_pause: str | None = None  # the answer that is sent after the pause

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.behaviour.conversations.add(self)
        self.add_answer("220 localhost")
        self.send_answers()

    def connection_lost(self, exc: Exception | None) -> None:
        self.behaviour.conversations.discard(self)

    def add_answer(self, answer: str) -> None:
        if not self.behaviour.is_hanging:
            self.pending_answers.append(answer.encode() + b"\r\n")

    def send_answers(self) -> None:
        if self.pending_answers and not self.transport.is_closing():
            self.transport.write(b"".join(self.pending_answers))
        self.pending_answers.clear()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.read_lines()
        self.send_answers()

    def read_lines(self) -> None:
        while not self.behaviour.is_hanging and self.answer_after_pause is None:
            terminator = _END_OF_TEXT if self.is_in_text else b"\r\n"
            piece, separator, rest = self.buffer.partition(terminator)
            if not separator:
                return
            self.buffer = rest
            if self.is_in_text:
                self.take_text(piece)
            else:
                self.answer(piece.decode(errors="replace"))

    def answer(self, line: str) -> None:
        verb = line[:4].upper()
        answer = self.behaviour.answers.get(verb) or self.replies.get(verb, "250 OK")
        if verb == "MAIL":
            self.recipient, self.has_sender = "", answer.startswith("250")
        if verb == "RCPT":
            answer = self.answer_to_recipient(line.partition("<")[2].partition(">")[0], answer)
        if verb == "DATA" and not self.recipient:
            answer = "503 5.5.1 No recipient"
        self.is_in_text = verb == "DATA" and answer.startswith("354")
        self.answer_or_pause(verb, answer)

    def answer_to_recipient(self, address: str, answer: str) -> str:
        if not self.has_sender:
            return "503 5.5.1 No sender"
        if address.startswith(UNKNOWN):
            return "550 5.1.1 No such mailbox"
        if answer.startswith("250"):
            self.recipient = address
        return answer

    def take_text(self, text: bytes) -> None:
        self.is_in_text = False
        match = _MESSAGE_ID.search(text)
        if match is None:
            self.add_answer("554 5.6.0 No Message-ID")
            return
        message_id = match[1].decode()
        if self.behaviour.must_drop():
            self.record_mail(message_id, "dropped")
            self.transport.abort()
        elif self.behaviour.slowness:
            asyncio.get_running_loop().call_later(self.behaviour.slowness, self.confirm_later, message_id)
        else:
            self.confirm(message_id)

    def confirm_later(self, message_id: str) -> None:
        if not self.transport.is_closing():  # the client may have hung up meanwhile
            self.confirm(message_id)
            self.send_answers()

    def record_mail(self, message_id: str, outcome: str) -> None:
        self.behaviour.taken.write(f"{message_id}\t{self.recipient}\t{outcome}\n")

    def confirm(self, message_id: str) -> None:
        self.record_mail(message_id, "taken")
        self.answer_or_pause("TEXT", "250 OK")
        if self.answer_after_pause is None and self.behaviour.must_pause("DONE"):
            self.pause("")

    def answer_or_pause(self, stage: str, answer: str) -> None:
        if self.behaviour.must_pause(stage):
            self.pause(answer)
        else:
            self.add_answer(answer)

    def pause(self, answer: str) -> None:
        self.answer_after_pause = answer
        self.behaviour.paused_conversation = self
        self.behaviour.taken.flush()
        print(f"held {self.transport.get_extra_info('peername')[1]}", flush=True)

    def resume(self) -> None:
        answer, self.answer_after_pause = self.answer_after_pause, None
        if answer:
            self.add_answer(answer)
        self.read_lines()
        self.send_answers()


class SinkServer:
    def __init__(self, port: int, behaviour: Behaviour) -> None:
        self.port = port
        self.behaviour = behaviour
        self.server: asyncio.Server | None = None

    async def listen(self) -> None:
        if self.server is None:
            loop = asyncio.get_running_loop()
            new_conversation = partial(SinkConversation, self.behaviour)
            self.server = await loop.create_server(new_conversation, "127.0.0.1", self.port, backlog=100)

    async def carry_out(self, line: str) -> None:
        order, *words = line.split()
        if order == "go":
            self._resume_paused()
        elif order == "hold":
            self.behaviour.pause_at, self.behaviour.pause_in = words[0], int(words[1])
        else:
            await self._change_behaviour(order, words)
        print("done", flush=True)

    def _resume_paused(self) -> None:
        if self.behaviour.paused_conversation is not None:
            self.behaviour.paused_conversation.resume()
            self.behaviour.paused_conversation = None

    async def _change_behaviour(self, order: str, words: list[str]) -> None:
        was_hanging = self.behaviour.is_hanging
        self.behaviour.behave_well()
        if order == "refuse" or was_hanging:
            self._cut_off_all()
        if order == "refuse" and self.server is not None:
            self.server.close()
            self.server = None
            return
        self.behaviour.is_hanging = order == "hang"
        if order == "answer":
            self.behaviour.answers[words[0]] = " ".join(words[1:])
        elif order == "drop":
            self.behaviour.drop_every = int(words[0])
        elif order == "slow":
            self.behaviour.slowness = int(words[0]) / 1000
        await self.listen()

    def _cut_off_all(self) -> None:
        for conversation in self.behaviour.conversations:
            conversation.transport.close()  # abort() could lose the last "250 OK"


async def serve(port: int, path: Path) -> None:
    with path.open("a", encoding="ascii", errors="replace") as taken:
        server = SinkServer(port, Behaviour(taken))
        await server.listen()
        print("ready", flush=True)
        orders = asyncio.ensure_future(_obey_orders(server))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, orders.cancel)
        while not orders.done():
            await asyncio.sleep(_FLUSH_EVERY)
            taken.flush()


async def _obey_orders(server: SinkServer) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():  # empty once the parent has ended
        await server.carry_out(line.decode())


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
