"""Telling a tally to the log: one small message a minute and change, several times a second at most."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from connectors.counting.tally import Tally
from connectors.kafka import KafkaOptions, producer
from topics.codec import CodecFault, RowCodec
from topics.events import CountsTold

COUNTS_TOPIC: Final = "live.counts"
TELL_S: Final = 0.25
"""How long counts wait for company: what everyone sees is younger than a second, and the log gets four a second."""

MEASURE_S: Final = 1.0
"""How often gauges are asked."""

ALIVE_S: Final = 5.0
"""How often a process tells that it is there, though it counted nothing."""

CLOSE_S: Final = 2.0

Measure = Callable[[Tally], None]
"""Sets gauges; called in the teller's thread."""

log = structlog.get_logger(__name__)


class Teller:
    """The thread that tells. It never fails its process: what the log cannot be told stays counted, for an hour."""

    def __init__(
        self, options: KafkaOptions, codec: Callable[[], RowCodec], tally: Tally, measures: Sequence[Measure] = ()
    ) -> None:
        """Tell of this tally.

        Args:
            options: the cluster.
            codec: the row codec of the moment.
            tally: what is told.
            measures: asked for gauges once a second.
        """
        self._codec = codec
        self._tally = tally
        self._measures = tuple(measures)
        # Its own, so that "nothing on its way" can be asked for; a message waits for no other.
        self._producer: Producer = producer(options, linger_ms=0, compression_type="lz4")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="counts", daemon=True)
        self._quiet: set[str] = set()

    @property
    def thread_id(self) -> int:
        """Of the thread that tells, for who measures it; 0 before it was started."""
        return self._thread.ident or 0

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def close(self) -> None:
        """Tell what is left, and end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)
        self.tell()
        self._producer.flush(CLOSE_S)

    def tell(self) -> None:
        """Hand over what changed, unless the last messages are still on their way."""
        self._producer.poll(0)
        if len(self._producer):
            return
        for told in self._tally.take():
            self._tell(told)

    def measure(self) -> None:
        """Ask for gauges; one that cannot be had is passed over, and said once."""
        for each in self._measures:
            try:
                each(self._tally)
            except Exception as fault:  # noqa: BLE001  the process lives on without a gauge
                self._say_once("a measure failed", type(fault).__name__)

    def _run(self) -> None:
        ticks = 0
        while not self._stopping.wait(TELL_S):
            if ticks % round(MEASURE_S / TELL_S) == 0:
                self.measure()
            if ticks % round(ALIVE_S / TELL_S) == 0:
                self._tally.is_alive()
            ticks += 1
            self.tell()

    def _tell(self, told: CountsTold) -> None:
        key = f"{told.process}/{told.run}/{told.minute}".encode()
        try:
            value = self._codec().encode(told)
            self._producer.produce(COUNTS_TOPIC, value, key=key, on_delivery=self._reported(told.minute))
        except (LookupError, CodecFault, BufferError, KafkaException) as fault:
            self._tally.take_again(told.minute)
            self._say_once("counts cannot be told", type(fault).__name__)

    def _reported(self, minute: int) -> Callable[[KafkaError | None, Message], None]:
        def reported(error: KafkaError | None, _message: Message) -> None:
            if error is not None:
                self._tally.take_again(minute)
                self._say_once("counts were not taken", error.str())

        return reported

    def _say_once(self, what: str, why: str) -> None:
        if why not in self._quiet:
            self._quiet.add(why)
            log.warning(what, reason=why)
