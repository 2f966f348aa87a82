"""What a consumer hands over: messages, and now and then what happened on the way."""

from confluent_kafka import KafkaError, KafkaException, Message


def is_data(message: Message) -> bool:
    """Whether it is a message of the log; an end of a partition and a passing disturbance are none.

    Raises:
        KafkaException: the consumer cannot go on.
    """
    fault = message.error()
    if fault is None:
        return True
    if fault.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  confluent-kafka's public constant
        return False
    if fault.retriable() or fault.code() in (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN):  # noqa: SLF001
        return False
    raise KafkaException(fault)
