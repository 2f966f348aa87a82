"""The codec: bytes ⇄ event ⇄ columns."""

from topics.codec.rows import RowCodec, decode_body, encode_body, upcast
from topics.codec.schema_ids import SchemaIds, WireSchema
from topics.codec.wire import HEADER_LENGTH, CodecFault, frame, schema_id_of

__all__ = [
    "HEADER_LENGTH",
    "CodecFault",
    "RowCodec",
    "SchemaIds",
    "WireSchema",
    "decode_body",
    "encode_body",
    "frame",
    "schema_id_of",
    "upcast",
]
