"""Where a lake lies: a folder, or a prefix of an S3-compatible store; the same files either way."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pyarrow.fs as pafs

_S3: Final = "s3"


class LocationFault(Exception):  # noqa: N818  it names what is wrong with a setting
    """A place where no lake can lie; the message says why and what to write instead."""

    remedy = "correct lake.url; see every setting and its origin: onething config show"


class LakeUnreachable(Exception):  # noqa: N818  the name is the fact
    """The lake's folder or store does not answer, or does not let this process in."""

    remedy = "see that lake.url, lake.endpoint_url and the keys are right: onething config show"

    def __init__(self, url: str, reason: object) -> None:
        # Layers of causes, of which the outermost says what was tried and the innermost why not.
        layers = [" ".join(each.split()) for each in str(reason).split("↳")]
        told = layers[0] if len(layers) == 1 else f"{layers[0]} … {layers[-1]}"
        super().__init__(f"数据湖 {url} 无法访问 (the lake cannot be reached): {told}")


@dataclass(frozen=True)
class Location:
    """A folder or ``s3://bucket/prefix``, and what is needed to reach it.

    Attributes:
        url: an absolute path, or ``s3://…``.
        endpoint_url: the store's own address where it is not Amazon's.
        region: of the bucket.
        access_key_id: with ``secret_access_key``; without them the environment's credentials are used.
        secret_access_key: never shown.
    """

    url: str
    endpoint_url: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is neither.

        Raises:
            LocationFault: another scheme, or no bucket.
        """
        parts = urlsplit(self.url)
        if "://" in self.url and parts.scheme != _S3:
            raise LocationFault(f"lake.url {self.url}: 应为文件夹或 s3://桶/前缀 (a folder or s3://bucket/prefix)")
        if parts.scheme == _S3 and not parts.netloc:
            raise LocationFault(f"lake.url {self.url}: 缺少桶名 (names no bucket: s3://bucket/prefix)")

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return not self.url.startswith(f"{_S3}://")

    @cached_property
    def root(self) -> str:
        """What every path of the lake begins with, as its file system wants it."""
        return str(Path(self.url).absolute()) if self.is_local else self.url.removeprefix(f"{_S3}://").rstrip("/")

    def path(self, *parts: str) -> str:
        """A path of the lake for ``files``."""
        return "/".join((self.root, *parts))

    def uri(self, *parts: str) -> str:
        """The same for programs that tell places apart by their scheme."""
        return self.path(*parts) if self.is_local else f"{_S3}://{self.path(*parts)}"

    @cached_property
    def files(self) -> pafs.FileSystem:
        """The file system that the lake lies on."""
        if self.is_local:
            return pafs.LocalFileSystem()
        return pafs.S3FileSystem(
            access_key=self.access_key_id,
            secret_key=self.secret_access_key,
            region=self.region,
            endpoint_override=self.endpoint_url,
            scheme=urlsplit(self.endpoint_url).scheme if self.endpoint_url else None,
        )

    @cached_property
    def storage_options(self) -> dict[str, str]:
        """What the table format needs to reach it.

        A commit is a conditional put (If-None-Match): the store itself lets one of two writers through, so that no
        lock is needed beside it.
        """
        if self.is_local:
            return {}
        said = {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_ALLOW_HTTP": "true" if (self.endpoint_url or "").startswith("http://") else None,
            "aws_conditional_put": "etag",
        }
        return {name: value for name, value in said.items() if value is not None}

    def read(self, *parts: str) -> bytes | None:
        """The whole of a small file; None when there is none."""
        try:
            with self.files.open_input_stream(self.path(*parts)) as file:
                return bytes(file.read())
        except FileNotFoundError:
            return None

    def write(self, content: bytes, *parts: str) -> None:
        """Write a small file, whole or not at all."""
        path = self.path(*parts)
        if not self.is_local:
            with self.files.open_output_stream(path) as file:
                file.write(content)
            return
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(f"{path}.fresh")
        fresh.write_bytes(content)
        fresh.replace(path)
