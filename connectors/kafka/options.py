"""How to reach a Kafka cluster."""

import ssl
from dataclasses import dataclass
from typing import Any

PARTITIONER = "murmur2_random"
"""One partitioner everywhere: librdkafka's own default is CRC32, while aiokafka, Connect and Debezium use murmur2."""


@dataclass(frozen=True)
class KafkaOptions:
    """Addresses and credentials of one cluster, in Kafka's own words."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = None
    ssl_ca_location: str | None = None
    ssl_certificate_location: str | None = None
    ssl_key_location: str | None = None
    ssl_key_password: str | None = None
    client_id: str = "onething"

    def librdkafka(self) -> dict[str, Any]:
        """The options as librdkafka's configuration; unset ones are left out."""
        named = {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": self.client_id,
            "security.protocol": self.security_protocol,
            "sasl.mechanism": self.sasl_mechanism,
            "sasl.username": self.sasl_username,
            "sasl.password": self.sasl_password,
            "ssl.ca.location": self.ssl_ca_location,
            "ssl.certificate.location": self.ssl_certificate_location,
            "ssl.key.location": self.ssl_key_location,
            "ssl.key.password": self.ssl_key_password,
        }
        return {key: value for key, value in named.items() if value is not None}

    @property
    def uses_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.security_protocol in ("SSL", "SASL_SSL")

    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS side of the options for clients that speak Python's ssl, None without TLS."""
        if not self.uses_tls:
            return None
        context = ssl.create_default_context(cafile=self.ssl_ca_location)
        if self.ssl_certificate_location:
            context.load_cert_chain(self.ssl_certificate_location, self.ssl_key_location, self.ssl_key_password)
        return context
