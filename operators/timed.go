package operators

import (
	"cmp"

	"tidemark/operators/data"
)

// timed is a row that waits, of a partition, by its time and arrival.
type timed struct {
	time, arrival int64
	row, part     int32
}

func (a timed) due() int64 { return a.time }

func (a timed) compare(b timed) int {
	if a.time != b.time {
		return cmp.Compare(a.time, b.time)
	}
	return cmp.Compare(a.arrival, b.arrival)
}

func (a timed) save(e *data.Encoder) {
	e.Word(uint64(a.time))
	e.Varint(a.arrival)
	e.Uvarint(uint64(a.row))
	e.Uvarint(uint64(a.part))
}

// loadTimed reads a row of a store with so many rows, of one of so many partitions.
func loadTimed(d *data.Decoder, rows, parts int) timed {
	t := timed{time: int64(d.Word()), arrival: d.Varint()}
	row, part := d.Uvarint(), d.Uvarint()
	if row >= uint64(rows) || part >= uint64(parts) {
		d.Fail()
		return timed{}
	}
	t.row, t.part = int32(row), int32(part)
	return t
}
