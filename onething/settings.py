"""Settings: defaults, then ``onething.toml``, then ``ONETHING_*`` in the environment."""

import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from connectors.broker import BrokerOptions
from connectors.kafka import KafkaOptions
from topics.declarations import PartitionCounts

LOOPBACK = "127.0.0.1"


class KafkaSettings(BaseModel):
    """An external Kafka; without ``bootstrap_servers`` the hub runs its own broker."""

    bootstrap_servers: str | None = None
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_ca_location: Path | None = None
    ssl_certificate_location: Path | None = None
    ssl_key_location: Path | None = None
    ssl_key_password: SecretStr | None = None

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> "KafkaSettings":
        if self.security_protocol.startswith("SASL") and not (self.sasl_mechanism and self.sasl_username):
            raise ValueError("SASL needs sasl_mechanism, sasl_username and sasl_password")
        return self


class BrokerSettings(BaseModel):
    """The local broker."""

    host: str = LOOPBACK
    port: int = Field(default=0, ge=0, le=65535, description="0 takes a free port and keeps it")
    controller_port: int = Field(default=0, ge=0, le=65535)
    heap_mb: int = Field(default=384, ge=256)
    java: str | None = None
    jar_cache: Path | None = None
    jar_mirror: str | None = None


class TopicSettings(BaseModel):
    """How topics are created."""

    fact_partitions: int = Field(default=4, ge=1, le=1000)
    case_partitions: int = Field(default=4, ge=1, le=1000)
    replication_factor: int = Field(default=1, ge=1)
    min_insync_replicas: int = Field(default=1, ge=1)

    def counts(self) -> PartitionCounts:
        """Partitions by kind of topic."""
        return PartitionCounts(fact=self.fact_partitions, case=self.case_partitions)


class RegistrySettings(BaseModel):
    """The schema registry: the hub's own, or another by ``url``."""

    url: str | None = None
    host: str = LOOPBACK
    port: int = Field(default=8611, ge=0, le=65535)


class GatewaySettings(BaseModel):
    """The hub's HTTP door."""

    url: str | None = Field(default=None, description="the gateway where it runs elsewhere: for commands and console")
    host: str = LOOPBACK
    port: int = Field(default=8610, ge=0, le=65535)
    max_body_mb: int = Field(default=16, ge=1)


class ArchiveSettings(BaseModel):
    """Archive replicas: each is a process with a store of its own."""

    replicas: int = Field(default=1, ge=1, le=64)
    host: str = LOOPBACK
    port: int = Field(default=8620, ge=0, le=65535, description="of the first replica; the next ones follow; 0: free")
    urls: list[str] = Field(default=[], description="replicas that run elsewhere")
    memory_mb: int = Field(default=512, ge=64, description="block cache and write buffers of one replica")
    enforce_grants: bool = Field(default=True, description="refuse reads beyond their grant or case")
    trial_grants: bool = Field(
        default=False, description="let grants for demonstrations and tests hold: for hubs of made-up people only"
    )


class CaseSettings(BaseModel):
    """Coordinators and where cases are kept."""

    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL; default is SQLite in the data directory"
    )
    coordinators: int = Field(default=1, ge=1, le=64)
    port: int = Field(default=8640, ge=0, le=65535, description="web port of the first coordinator; 0: free")
    deadline_s: int = Field(default=60, ge=30)


class FollowerSettings(BaseModel):
    """The process that says what follows from facts."""

    host: str = LOOPBACK
    port: int = Field(default=8660, ge=0, le=65535, description="health and metrics; 0: free")
    tell_policies: bool = Field(default=True, description="tell subjects of policies that apply to them (免申即享)")


class PaymentSettings(BaseModel):
    """The payment office; without ``url`` fees are shown and nobody collects them."""

    url: str | None = Field(default=None, description="base url of the payment office")
    secret: SecretStr | None = Field(default=None, description="shared with the office; signs orders and callbacks")
    callback_url: str | None = Field(
        default=None, description="the gateway as the office reaches it; its own address when left out"
    )

    @model_validator(mode="after")
    def _secret_is_there(self) -> "PaymentSettings":
        if self.url and not (self.secret and self.secret.get_secret_value()):
            raise ValueError("payment.url needs payment.secret (ONETHING_PAYMENT__SECRET)")
        return self


class CatalogSettings(BaseModel):
    """The register's process and store; and the definitions: bundles, items, forms, materials, routes, policies."""

    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL of the register; default is SQLite in the data directory"
    )
    url: str | None = Field(default=None, description="the register's process where it runs elsewhere")
    host: str = LOOPBACK
    port: int = Field(default=8670, ge=0, le=65535, description="of the register's process; 0: free")
    folder: Path | None = Field(
        default=None, description="an operator's own: what lies in it stands in place of what ships by the same name"
    )

    @field_validator("folder")
    @classmethod
    def _is_a_folder(cls, folder: Path | None) -> Path | None:
        if folder is None:
            return None
        found = folder.expanduser().absolute()
        if not found.is_dir():
            raise ValueError(f"there is no folder {found}")
        return found


class LakeSettings(BaseModel):
    """The lake: where its tables lie, and how often its writer commits."""

    url: str | None = Field(
        default=None, description="s3://bucket/path or a folder; default is lake/ in the data directory"
    )
    endpoint_url: str | None = Field(default=None, description="an S3-compatible store's own address")
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: SecretStr | None = None
    host: str = LOOPBACK
    port: int = Field(default=8680, ge=0, le=65535, description="health and metrics of the writer; 0: free")
    commit_s: float = Field(default=5.0, gt=0, description="longest wait before rows that were read are committed")
    commit_rows: int = Field(default=250_000, ge=1, description="rows read before they are committed at the latest")


class AnalystSettings(BaseModel):
    """The analysts' process: rates, ledger and the read-only SQL door over the lake."""

    url: str | None = Field(default=None, description="the process where it runs elsewhere")
    host: str = LOOPBACK
    port: int = Field(default=8690, ge=0, le=65535, description="0: free")
    sql_time_limit_s: float = Field(default=30.0, gt=0, description="a query that takes longer is ended")
    sql_memory_mb: int = Field(default=1024, ge=64, description="memory that one query may take")
    sql_rows: int = Field(default=10_000, ge=1, description="rows that one answer carries at most")
    threads: int = Field(default=2, ge=1, description="cores that queries share")
    fonts: Path | None = Field(
        default=None, description="a folder with Chinese fonts for bulletins; the machine's own when left out"
    )
    console_url: str | None = Field(
        default=None, description="where QR codes of bulletins lead; this machine's console when left out"
    )


class LiveSettings(BaseModel):
    """The process that folds counts into live figures and source health."""

    url: str | None = Field(default=None, description="the process where it runs elsewhere")
    host: str = LOOPBACK
    port: int = Field(default=8650, ge=0, le=65535, description="0: free")


class ConsoleSettings(BaseModel):
    """The console; until identities exist it listens on this machine only."""

    host: str = Field(default=LOOPBACK, description="this machine only; other addresses are refused")
    port: int = Field(default=8600, ge=0, le=65535, description="0: free")

    @field_validator("host")
    @classmethod
    def _is_this_machine(cls, host: str) -> str:
        if host != LOOPBACK:
            raise ValueError(
                f"身份认证接入前，控制台仅限本机访问 (until identities exist the console listens on {LOOPBACK} only): "
                "leave console.host out"
            )
        return host


class LogSettings(BaseModel):
    """Structured logs on stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Settings(BaseSettings):
    """Everything that can be set, with where it comes from."""

    model_config = SettingsConfigDict(env_prefix="ONETHING_", env_nested_delimiter="__", extra="forbid")

    data_dir: Path = Path(".onething")
    lang: Literal["zh", "en"] = "zh"
    kafka: KafkaSettings = KafkaSettings()
    broker: BrokerSettings = BrokerSettings()
    topics: TopicSettings = TopicSettings()
    registry: RegistrySettings = RegistrySettings()
    gateway: GatewaySettings = GatewaySettings()
    archive: ArchiveSettings = ArchiveSettings()
    cases: CaseSettings = CaseSettings()
    follower: FollowerSettings = FollowerSettings()
    payment: PaymentSettings = PaymentSettings()
    catalog: CatalogSettings = CatalogSettings()
    lake: LakeSettings = LakeSettings()
    analyst: AnalystSettings = AnalystSettings()
    live: LiveSettings = LiveSettings()
    console: ConsoleSettings = ConsoleSettings()
    log: LogSettings = LogSettings()

    @model_validator(mode="after")
    def _absolute(self) -> "Settings":
        self.data_dir = self.data_dir.expanduser().absolute()
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, environment, file, defaults: the first that says something wins."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_path())

    def broker_options(self) -> BrokerOptions:
        """The local broker's options."""
        return BrokerOptions(data_dir=self.data_dir, **self.broker.model_dump())

    def kafka_options(self, bootstrap_servers: str | None = None) -> KafkaOptions:
        """How to reach Kafka; the local broker's address is given by the caller, who knows where it runs."""
        external = self.kafka
        servers = external.bootstrap_servers or bootstrap_servers
        if servers is None:
            raise SettingsFault("kafka.bootstrap_servers is not set and no local broker's address is known")
        return KafkaOptions(
            bootstrap_servers=servers,
            security_protocol=external.security_protocol,
            sasl_mechanism=external.sasl_mechanism,
            sasl_username=external.sasl_username,
            sasl_password=_reveal(external.sasl_password),
            ssl_ca_location=_text(external.ssl_ca_location),
            ssl_certificate_location=_text(external.ssl_certificate_location),
            ssl_key_location=_text(external.ssl_key_location),
            ssl_key_password=_reveal(external.ssl_key_password),
        )

    @cached_property
    def catalog_url(self) -> str:
        """Where the register is kept."""
        return self.catalog.database_url or f"sqlite:///{self.data_dir / 'catalog.db'}"

    @cached_property
    def lake_url(self) -> str:
        """Where the lake's tables lie: a folder, or ``s3://…``."""
        return self.lake.url or str(self.data_dir / "lake")

    @cached_property
    def database_url(self) -> str:
        """Where cases are kept."""
        return self.cases.database_url or f"sqlite:///{self.data_dir / 'cases.db'}"


class SettingsFault(Exception):  # noqa: N818  it names what is wrong with a setting
    """A setting that cannot be used; the message names it, its source and the remedy."""


def config_path() -> Path:
    """The settings file: ``ONETHING_CONFIG``, or ``onething.toml`` in the current directory."""
    return Path(os.environ.get("ONETHING_CONFIG", "onething.toml"))


def load_settings() -> Settings:
    """The settings in force.

    Raises:
        SettingsFault: a value that does not fit, named with its place; every fault at once.
    """
    path = config_path()
    if "ONETHING_CONFIG" in os.environ and not path.is_file():
        raise SettingsFault(f"ONETHING_CONFIG names {path}, which is not a file")
    try:
        return Settings()
    except ValidationError as fault:
        lines = [f"  {'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg']}" for each in fault.errors()]
        raise SettingsFault("settings that cannot be used:\n" + "\n".join(lines)) from fault
    except tomllib.TOMLDecodeError as fault:
        raise SettingsFault(f"{path} is not TOML: {fault}") from fault


def setting_origins(settings: Settings) -> list[tuple[str, str, str]]:
    """(name, value, where it came from) of every setting; secrets are masked."""
    path = config_path()
    in_file = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return [(name, value, _origin(name, in_file, path)) for name, value in _flat(settings.model_dump(mode="json"), "")]


def _origin(name: str, in_file: dict[str, Any], path: Path) -> str:
    variable = "ONETHING_" + name.upper().replace(".", "__")
    section = "ONETHING_" + name.split(".", 1)[0].upper()
    if found := next((each for each in (variable, section) if each in os.environ), None):
        return f"environment {found}"
    node: Any = in_file
    for part in name.split("."):
        if not isinstance(node, dict) or part not in node:
            return "default"
        node = node[part]
    return f"file {path}"


def _flat(node: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in node.items():
        rows += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, _shown(value))]
    return rows


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
