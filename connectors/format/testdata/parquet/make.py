# Makes the files of this folder with pyarrow, a writer other than the one that
# the tests write with; the tests have their rows in *.want. Run it here.
import datetime as dt
import decimal
import pyarrow as pa
import pyarrow.parquet as pq

D = decimal.Decimal
utc = dt.timezone.utc

types = pa.table({
    "b": pa.array([True, None, False]),
    "i8": pa.array([-128, None, 127], pa.int8()),
    "i16": pa.array([-32768, None, 32767], pa.int16()),
    "i32": pa.array([-2**31, None, 2**31 - 1], pa.int32()),
    "i64": pa.array([-2**63, None, 2**63 - 1], pa.int64()),
    "u8": pa.array([0, None, 255], pa.uint8()),
    "u32": pa.array([0, None, 2**32 - 1], pa.uint32()),
    "u64": pa.array([0, None, 2**64 - 1], pa.uint64()),
    "f16": pa.array([1.5, None, -65504.0], pa.float16()),
    "f32": pa.array([1.5, None, float("-inf")], pa.float32()),
    "f64": pa.array([0.1, None, float("nan")], pa.float64()),
    "d9": pa.array([D("-1234567.89"), None, D("0.01")], pa.decimal128(9, 2)),
    "d18": pa.array([D("-123456789012345.678"), None, D("0.001")], pa.decimal128(18, 3)),
    "d38": pa.array([D("-9" * 1 + "9" * 27 + "." + "9" * 10), None, D("0.0000000001")], pa.decimal128(38, 10)),
    "s": pa.array(["", None, "zwölf 🙂"]),
    "bin": pa.array([b"", None, b"\xff\x00"]),
    "fix": pa.array([b"abc", None, b"\xff\x00\x01"], pa.binary(3)),
    "date": pa.array([dt.date(1, 1, 1), None, dt.date(9999, 12, 31)]),
    "t_ms": pa.array([dt.time(0, 0), None, dt.time(23, 59, 59, 999000)], pa.time32("ms")),
    "t_us": pa.array([dt.time(0, 0), None, dt.time(23, 59, 59, 999999)], pa.time64("us")),
    "ts_ms": pa.array([dt.datetime(1, 1, 1), None, dt.datetime(2026, 7, 1, 12)], pa.timestamp("ms")),
    "ts_us": pa.array([dt.datetime(1969, 12, 31, 23, 59, 59, 999999, utc), None, dt.datetime(2026, 7, 1, 12, tzinfo=utc)], pa.timestamp("us", "UTC")),
    "ts_ns": pa.array([-1, None, 1_500_000_000_123_456_789], pa.timestamp("ns", "UTC")),
    "null": pa.nulls(3),
    "dict": pa.array(["x", None, "x"]).dictionary_encode(),
})
for codec in "none", "snappy", "gzip", "zstd", "brotli":
    pq.write_table(types, f"types_{codec}.parquet", compression=codec, data_page_version="2.0" if codec == "zstd" else "1.0")
pq.write_table(types.select(["i64"]), "lz4.parquet", compression="lz4")
pq.write_table(types.select(["ts_ns"]), "int96.parquet", use_deprecated_int96_timestamps=True)

nested = pa.table({
    "l": pa.array([[1, None, 3], [], None, [4]], pa.list_(pa.int64())),
    "ll": pa.array([[[1], [], None, [2, 3]], [], None, [[None]]], pa.list_(pa.list_(pa.int32()))),
    "m": pa.array([[("b", 1), ("a", None)], [], None, [("a", 2)]], pa.map_(pa.string(), pa.int64())),
    "r": pa.array([{"x": 1, "y": {"z": "a"}}, {"x": None, "y": None}, None, {"x": 2, "y": {"z": None}}],
                  pa.struct([("x", pa.int64()), ("y", pa.struct([("z", pa.string())]))])),
    "lr": pa.array([[{"k": "a", "v": [1.5]}, None], [], None, [{"k": None, "v": None}]],
                   pa.list_(pa.struct([("k", pa.string()), ("v", pa.list_(pa.float64()))]))),
    "rl": pa.array([{"a": [1], "m": [("k", [True])]}, {"a": [], "m": []}, {"a": None, "m": None}, None],
                   pa.struct([("a", pa.list_(pa.int64())), ("m", pa.map_(pa.string(), pa.list_(pa.bool_())))])),
})
pq.write_table(nested, "nested.parquet")

# Many small pages and row groups, with and without an index of the pages.
n = 1000
many = pa.table({
    "id": pa.array(range(n), pa.int64()),
    "mod": pa.array([f"value {i % 7}" for i in range(n)]),
    "some": pa.array([i if i % 3 else None for i in range(n)], pa.int32()),
    "list": pa.array([None if i % 11 == 0 else list(range(i % 5)) for i in range(n)], pa.list_(pa.int64())),
})
for name, index, version in ("plain", False, "1.0"), ("index", True, "2.0"):
    pq.write_table(many, f"pages_{name}.parquet", row_group_size=300, data_page_size=64, write_batch_size=10,
                   write_page_index=index, data_page_version=version)
