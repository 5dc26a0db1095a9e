"""Makes a small PMTiles file (version 3) for tests: one root directory, tiles as they are given."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

PNG, MVT = 2, 1
NONE, GZIP = 1, 2


def write_pmtiles(
    path: Path, tile_type: int, tiles: dict[tuple[int, int, int], bytes], bounds: tuple[float, ...]
) -> Path:
    """Write `tiles` by (z, x, y); `bounds` are west, south, east, north. https://github.com/protomaps/PMTiles/spec/v3"""
    ordered = sorted((_tile_id(*place), data) for place, data in tiles.items())
    data = b"".join(tile for _, tile in ordered)
    ids = [number for number, _ in ordered]
    lengths = [len(tile) for _, tile in ordered]
    offsets = [sum(lengths[:at]) for at in range(len(lengths))]
    directory = _varints([len(ids), *(now - before for before, now in zip([0, *ids], ids, strict=False))])
    directory += _varints([1] * len(ids)) + _varints(lengths) + _varints([offset + 1 for offset in offsets])
    root, metadata = gzip.compress(directory, mtime=0), gzip.compress(b"{}", mtime=0)
    zooms = [z for z, _, _ in tiles]
    header = b"PMTiles" + bytes([3])
    at_root, at_metadata = 127, 127 + len(root)
    at_data = at_metadata + len(metadata)
    header += struct.pack("<8Q", at_root, len(root), at_metadata, len(metadata), 0, 0, at_data, len(data))
    header += struct.pack("<3Q", len(ids), len(ids), len(ids))
    header += bytes([1, GZIP, NONE, tile_type, min(zooms), max(zooms)])
    west, south, east, north = (round(edge * 1e7) for edge in bounds)
    header += struct.pack("<4iB2i", west, south, east, north, min(zooms), (west + east) // 2, (south + north) // 2)
    assert len(header) == 127
    path.write_bytes(header + root + metadata + data)
    return path


def png(red: int, green: int, blue: int) -> bytes:
    """A tile of 256 pixels in one colour."""
    row = b"\x00" + bytes([red, green, blue]) * 256
    parts = [
        (b"IHDR", struct.pack(">2I5B", 256, 256, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 256)),
        (b"IEND", b""),
    ]
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def water_tile() -> bytes:
    """A vector tile that is all water: layer `water` of the Protomaps schema, one polygon over the whole tile."""
    extent = 4096
    geometry = [
        9,
        _zigzag(0),
        _zigzag(0),
        26,
        _zigzag(extent),
        _zigzag(0),
        _zigzag(0),
        _zigzag(extent),
        _zigzag(-extent),
        _zigzag(0),
        15,
    ]
    feature = _field(3, 0, 3) + _field(2, 2, _varints([0, 0])) + _field(4, 2, _varints(geometry))
    value = _field(1, 2, b"ocean")
    layer = (
        _field(15, 0, 2) + _field(1, 2, b"water") + _field(2, 2, feature) + _field(3, 2, b"kind") + _field(4, 2, value)
    )
    return _field(3, 2, layer + _field(5, 0, extent))


def _field(number: int, wire: int, value: int | bytes) -> bytes:
    head = _varints([number << 3 | wire])
    return head + (_varints([value]) if isinstance(value, int) else _varints([len(value)]) + value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varints(values: list[int]) -> bytes:
    out = bytearray()
    for value in values:
        while value > 127:
            out.append(value & 127 | 128)
            value >>= 7
        out.append(value)
    return bytes(out)


def _tile_id(z: int, x: int, y: int) -> int:
    """The tile's place on the Hilbert curve of its zoom, after all tiles of the zooms above."""
    number, side = ((1 << (2 * z)) - 1) // 3, 1 << z
    step = side >> 1
    while step:
        rx, ry = int(bool(x & step)), int(bool(y & step))
        number += step * step * (3 * rx ^ ry)
        if not ry:
            if rx:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        step >>= 1
    return number
