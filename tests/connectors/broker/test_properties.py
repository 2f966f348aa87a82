from pathlib import Path

from connectors.broker.properties import Ports, log_properties, rendered, server_properties


def settings(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def test_the_broker_is_one_node_that_listens_where_it_was_told() -> None:
    told = settings(server_properties("127.0.0.1", Ports(9001, 9002), Path("/data")))
    assert told["listeners"] == "PLAINTEXT://127.0.0.1:9001,CONTROLLER://127.0.0.1:9002"
    assert told["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9001"
    assert told["process.roles"] == "broker,controller"
    assert told["log.dirs"] == "/data"
    assert told["auto.create.topics.enable"] == "false"


def test_a_wider_host_leaves_the_controller_on_the_loopback() -> None:
    told = settings(server_properties("10.0.0.5", Ports(9001, 9002), Path("/data")))
    assert told["listeners"] == "PLAINTEXT://10.0.0.5:9001,CONTROLLER://127.0.0.1:9002"


def test_the_log_is_rolled_and_some_of_it_kept() -> None:
    told = settings(log_properties(Path("/log/server.log")))
    assert told["appender.file.fileName"] == "/log/server.log"
    assert int(told["appender.file.strategy.max"]) > 0


def test_backslashes_survive_javas_reading() -> None:
    assert rendered({"a": r"C:\x"}) == "a=C:\\\\x\n"


def test_any_script_survives_javas_reading_of_latin_1() -> None:
    text = rendered({"log.dirs": "/数据/é𠮷"})
    assert text.isascii()
    assert text == "log.dirs=/\\u6570\\u636e/\\u00e9\\ud842\\udfb7\n"
