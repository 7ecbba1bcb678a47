package main

import (
	"bufio"
	"strconv"
	"time"
	"unsafe"
)

// sink formats result rows as CSV; nil writer only counts them.
type sink struct {
	w              *bufio.Writer
	rows, cnt, sum int64
	b              []byte
	day            int64
	stamp          []byte
}

func (s *sink) time(b []byte, ms int64) []byte {
	if ms != s.day || s.stamp == nil {
		s.day, s.stamp = ms, time.UnixMilli(ms).UTC().AppendFormat(s.stamp[:0], "2006-01-02T15:04:05.000Z")
	}
	return append(b, s.stamp...)
}

func unpack(b []byte, k uint64) []byte {
	for ; k != 0; k >>= 8 {
		b = append(b, byte(k))
	}
	return b
}

func (s *sink) row(start int64, key uint64, sum, cnt int64) {
	s.rows++
	s.cnt += cnt
	s.sum += sum
	if s.w == nil {
		return
	}
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

// panes holds one table per window of `width` ms, closed when the watermark passes.
type panes struct {
	width int64
	base  int64 // number of the window of ring[0]
	ring  []*table
	free  []*table
	max   int64
}

func (p *panes) get(n int64) *table {
	if p.ring == nil {
		p.base = n
	}
	for n < p.base {
		p.ring = append([]*table{nil}, p.ring...)
		p.base--
	}
	for n >= p.base+int64(len(p.ring)) {
		p.ring = append(p.ring, nil)
	}
	t := p.ring[n-p.base]
	if t == nil {
		if k := len(p.free); k > 0 {
			t, p.free = p.free[k-1], p.free[:k-1]
		} else {
			t = newTable(10)
		}
		p.ring[n-p.base] = t
	}
	return t
}

func (p *panes) add(b *batch) {
	lo, hi, t := int64(1), int64(0), (*table)(nil) // current pane [lo, hi)
	max := p.max
	for i := 0; i < b.n; i++ {
		ts := b.ts[i]
		if ts < lo || ts >= hi {
			n := floorDiv(ts, p.width)
			t = p.get(n)
			lo, hi = n*p.width, (n+1)*p.width
		}
		if ts > max {
			max = ts
		}
		t.add(b.key[i], b.val[i], 1)
	}
	p.max = max
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// emit closes every window whose end is at or before the watermark.
func (p *panes) emit(wm int64, s *sink) {
	for len(p.ring) > 0 && (p.base+1)*p.width <= wm {
		if first := p.ring[0]; first != nil {
			for i := range first.s {
				if e := &first.s[i]; e.key != 0 {
					s.row(p.base*p.width, e.key, e.sum, e.cnt)
				}
			}
			p.recycle(first)
		}
		p.ring = p.ring[1:]
		p.base++
	}
}

func (p *panes) recycle(t *table) {
	clear(t.s)
	t.n = 0
	p.free = append(p.free, t)
}

// merge adds q's panes to p's and leaves q empty.
func (p *panes) merge(q *panes) {
	for i, t := range q.ring {
		if t == nil {
			continue
		}
		d := p.get(q.base + int64(i))
		for j := range t.s {
			if e := &t.s[j]; e.key != 0 {
				d.add(e.key, e.sum, e.cnt)
			}
		}
		q.recycle(t)
	}
	q.ring = nil
	p.max = max(p.max, q.max)
}
