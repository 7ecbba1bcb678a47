package main

import (
	"bufio"
	"strconv"
	"time"
	"unsafe"
)

// sink formats result rows as CSV.
type sink struct {
	w              *bufio.Writer
	rows, cnt, sum int64
	b              []byte
	day            int64
	stamp          []byte
}

func (s *sink) time(b []byte, ms int64) []byte {
	if ms != s.day || s.stamp == nil {
		s.day, s.stamp = ms, time.UnixMilli(ms).UTC().AppendFormat(s.stamp[:0], "2006-01-02T15:04:05Z")
	}
	return append(b, s.stamp...)
}

func unpack(b []byte, k uint64) []byte {
	for ; k != 0; k >>= 8 {
		b = append(b, byte(k))
	}
	return b
}

// table writes the rows of a window.
func (s *sink) table(start int64, t *table) {
	for i := range t.s {
		if e := &t.s[i]; e.key != 0 {
			s.row(start, e.key, e.sum, e.cnt)
		}
	}
}

func (s *sink) row(start int64, key uint64, sum, cnt int64) {
	s.rows++
	s.cnt += cnt
	s.sum += sum
	b := s.time(s.b[:0], start)
	b = append(b, ',')
	b = unpack(b, key)
	b = append(b, ',')
	b = strconv.AppendInt(b, sum/100, 10)
	b = append(b, '.', byte('0'+sum/10%10), byte('0'+sum%10), ',')
	b = strconv.AppendInt(b, cnt, 10)
	b = append(b, '\n')
	s.w.Write(b)
	s.b = b
}

// table is an open-addressing map from key to (sum, count): 24 bytes a slot.
type slot struct {
	key      uint64 // 0: empty
	sum, cnt int64
}

type table struct {
	s     []slot
	n     int
	shift uint
}

func newTable(logSize uint) *table { return &table{s: make([]slot, 1<<logSize), shift: 64 - logSize} }

func (t *table) add(key uint64, sum, cnt int64) {
	mask := uint64(len(t.s) - 1)
	for h := key * 0x9E3779B97F4A7C15 >> t.shift; ; h = (h + 1) & mask {
		e := (*slot)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(t.s)), h*24))
		if e.key == key {
			e.sum += sum
			e.cnt += cnt
			return
		}
		if e.key == 0 {
			*e = slot{key, sum, cnt}
			if t.n++; t.n*4 > len(t.s)*3 {
				t.grow()
			}
			return
		}
	}
}

func (t *table) grow() {
	old := t.s
	*t = *newTable(65 - t.shift)
	for _, e := range old {
		if e.key != 0 {
			t.add(e.key, e.sum, e.cnt)
		}
	}
}

// addBatch sums and counts the rows of a batch by window and key.
func addBatch(p *ring[table], b *batch) {
	lo, hi, t := int64(1), int64(0), (*table)(nil) // current window [lo, hi)
	most := p.max
	for i := 0; i < b.n; i++ {
		ts := b.ts[i]
		if ts < lo || ts >= hi {
			n := floorDiv(ts, p.width)
			t = p.get(n)
			lo, hi = n*p.width, (n+1)*p.width
		}
		if ts > most {
			most = ts
		}
		t.add(b.key[i], b.val[i], 1)
	}
	p.max = most
}

func (t *table) addAll(from *table) {
	for i := range from.s {
		if e := &from.s[i]; e.key != 0 {
			t.add(e.key, e.sum, e.cnt)
		}
	}
}

func (t *table) clear() {
	clear(t.s)
	t.n = 0
}
