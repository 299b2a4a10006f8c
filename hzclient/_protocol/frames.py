"""Frames: a little-endian int32 length that counts itself, uint16 flags, then the content.

Flags combine freely, so only single bits are ever tested. The masks that end in `_BYTE` are for the
second byte of the flags, which a decoder can index without unpacking anything.
"""

from struct import Struct
from typing import Final

BEGIN_FRAGMENT: Final = 0x8000
END_FRAGMENT: Final = 0x4000
FINAL: Final = 0x2000
BEGIN: Final = 0x1000
END: Final = 0x0800
NULL: Final = 0x0400
EVENT: Final = 0x0200
BACKUP_AWARE: Final = 0x0100
BACKUP_EVENT: Final = 0x0080

UNFRAGMENTED: Final = BEGIN_FRAGMENT | END_FRAGMENT
UNFRAGMENTED_FINAL: Final = UNFRAGMENTED | FINAL
STRUCTURE: Final = BEGIN | END | NULL
"""A frame with any of these flags is not a data frame."""

BEGIN_BYTE: Final = BEGIN >> 8
END_BYTE: Final = END >> 8
NULL_BYTE: Final = NULL >> 8

HEADER_SIZE: Final = 6
REQUEST_HEAD_SIZE: Final = 22
"""Frame header, message type, correlation id, partition id. An event has the same head."""
RESPONSE_HEAD_SIZE: Final = 19
"""Frame header, message type, correlation id, number of backup acks."""

_HEADER: Final = Struct("<iH")
pack_header: Final = _HEADER.pack
unpack_header: Final = _HEADER.unpack_from
pack_data_header: Final = Struct("<i2x").pack
"""Packs the header of a data frame that is not the last one of its message."""

BEGIN_FRAME: Final = pack_header(HEADER_SIZE, BEGIN)
END_FRAME: Final = pack_header(HEADER_SIZE, END)
END_FINAL_FRAME: Final = pack_header(HEADER_SIZE, END | FINAL)
NULL_FRAME: Final = pack_header(HEADER_SIZE, NULL)
NULL_FINAL_FRAME: Final = pack_header(HEADER_SIZE, NULL | FINAL)
