package main

import (
	"bufio"
	"math"
	"strconv"
	"time"
	"unsafe"
)

// orderDelay is the watermark delay in ms of the queries over orders and logs:
// 2 s of disorder and slack.
const orderDelay = 3000

// shard is a row of the result of the query over orders.
type shard struct {
	n, spread, grams int64
	gross            int64 // in 1/100
	net              int64 // in 1/10000
	load             float64
}

// shards are those of a window.
type shards [16]shard

func (t *shards) add(from *shards) {
	for i := range t {
		d, e := &t[i], &from[i]
		d.n += e.n
		d.gross += e.gross
		d.net += e.net
		d.load += e.load
		d.spread = max(d.spread, e.spread)
		d.grams += e.grams
	}
}

// limitOrders is the expression-heavy query.
func limitOrders(in input, out *bufio.Writer, workers int) {
	fresh := func() *ring[shards] {
		return newRing(300_000, func() *shards { return new(shards) }, func(t *shards) { *t = shards{} })
	}
	var b []byte
	write := func(start int64, t *shards) {
		at := time.UnixMilli(start).UTC().Format("2006-01-02T15:04:05Z")
		for i := range t {
			e := &t[i]
			if e.n == 0 {
				continue
			}
			b = strconv.AppendInt(append(append(b[:0], at...), ','), int64(i), 10)
			b = strconv.AppendInt(append(b, ','), e.n, 10)
			b = decimal(append(b, ','), e.gross, 2)
			b = decimal(append(b, ','), e.net, 4)
			b = strconv.AppendFloat(append(b, ','), e.load, 'f', -1, 64)
			b = decimal(append(b, ','), e.spread, 2)
			b = strconv.AppendInt(append(b, ','), e.grams, 10)
			out.Write(append(b, '\n'))
		}
	}
	all, local := fresh(), make([]*ring[shards], workers)
	newParser := func(w int) parser {
		local[w] = fresh()
		return lines(newOrder(local[w]))
	}
	pieces(in, workers, newParser, nil, func(w int) {
		all.merge(local[w], (*shards).add)
		all.emit(all.max-orderDelay, write)
	})
	all.emit(math.MaxInt64, write)
}

// lines is a parser that hands line after line to row, which returns the start of
// the next, and fills no batch.
func lines(row func(p unsafe.Pointer, i, end int) int) parser {
	return func(p unsafe.Pointer, i, end int, _ *batch) int {
		for i < end {
			i = row(p, i, end)
		}
		return i
	}
}

// newOrder adds lines of orders to windows.
func newOrder(to *ring[shards]) func(p unsafe.Pointer, i, end int) int {
	var c clock
	lo, hi, t := int64(1), int64(0), (*shards)(nil)
	return func(p unsafe.Pointer, i, end int) int {
		id, i := whole(p, i)
		ts := c.rfc3339(p, i+1)
		i = find(p, i+1, end, ',') + 1
		to.max = max(to.max, ts)
		price, i := cents(p, i)
		quantity, i := whole(p, i+1)
		discount, i := cents(p, i+1)
		kg, i := whole(p, i+1)
		grams := kg*1000 + int64(u8(p, i+1)-'0')*100 + int64(u8(p, i+2)-'0')*10 + int64(u8(p, i+3)-'0')
		i += 5 // point, digits, newline
		gross := price * quantity
		if quantity <= 2 || gross < 1000 || gross > 500_000 || grams > 40_000 && discount == 0 {
			return i
		}
		// A merge empties the ring, so its list tells whether t is still there.
		if ts < lo || ts >= hi || to.list == nil {
			n := floorDiv(ts, to.width)
			t = to.get(n)
			lo, hi = n*to.width, (n+1)*to.width
		}
		e := &t[id%16]
		e.n++
		e.gross += gross
		net := gross * 100
		if quantity >= 10 {
			net = gross * (100 - discount)
		}
		e.net += net
		e.load += float64(grams) / 1000 * float64(quantity)
		e.spread = max(e.spread, price-10_000, 10_000-price)
		e.grams += grams / quantity
		return i
	}
}

// whole parses an unsigned integer at i and returns where it ends.
func whole(p unsafe.Pointer, i int) (int64, int) {
	v := int64(0)
	for {
		c := u8(p, i) - '0'
		if c > 9 {
			return v, i
		}
		v = v*10 + int64(c)
		i++
	}
}

// decimal appends v / 10^places, v not below zero.
func decimal(b []byte, v int64, places int) []byte {
	scale := int64(1)
	for range places {
		scale *= 10
	}
	b = append(strconv.AppendInt(b, v/scale, 10), '.')
	for v %= scale; scale > 1; v %= scale {
		scale /= 10
		b = append(b, byte('0'+v/scale))
	}
	return b
}
