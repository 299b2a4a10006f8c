"""The wire protocol without any input or output: bytes in, messages out, and back.

`frames` has the constants of the framing, `message` what is sent and received, `builtin` the types that
every codec is made of, `sql_page` the pages of SQL results, and `reader` turns a byte stream into messages.
"""
