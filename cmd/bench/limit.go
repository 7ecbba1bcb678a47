package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// The limit is what a careful person writes by hand for exactly one query, the
// sum and count of amount by user in five-minute windows: no SQL, no types, no
// validation, keys packed into eight bytes. It is what the engine is held against.

// delay is the watermark delay in ms: 2 s of disorder, 10 min of lateness, and slack.
const delay = 603_000

// limit runs the query over a file with the given number of workers and writes
// the result as CSV to out.
func limit(name, format, out string, workers int) error {
	runtime.GOMAXPROCS(workers)
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	w, err := os.Create(out)
	if err != nil {
		return err
	}
	defer w.Close()
	s := &sink{w: bufio.NewWriterSize(w, 1<<18)}
	newParser := func() parser { return newJSON("user_id", "event_time", "amount") }
	start := int64(0)
	if format == "csv" {
		newParser = func() parser { return newCSV(1, 2, 3) }
		var h [4096]byte
		n, err := f.ReadAt(h[:], 0)
		if err != nil && n == 0 {
			return err
		}
		for int(start) < n && h[start] != '\n' {
			start++
		}
		start++
	}
	p := &panes{width: 300_000, max: -1 << 62}
	// Each piece is aggregated alone; the partial results are merged in file
	// order, so the watermark is the same as with one worker.
	local := make([]*panes, workers)
	for i := range local {
		local[i] = &panes{width: p.width, max: -1 << 62}
	}
	pieces(f, start, st.Size(), workers, newParser, func(w int, b *batch) { local[w].add(b) }, func(w int) {
		p.merge(local[w])
		p.emit(p.max-delay, s)
	})
	p.emit(math.MaxInt64, s)
	fmt.Fprintln(os.Stderr, "rows", s.rows, "count", s.cnt, "sum", strconv.FormatFloat(float64(s.sum)/100, 'f', 2, 64))
	return s.w.Flush()
}

// pieces hands 4 MiB pieces of f[start:size] to the workers: fn sees each batch,
// done runs once a piece, one at a time and in file order.
func pieces(f *os.File, start, size int64, workers int, p func() parser, fn func(int, *batch), done func(int)) {
	const piece = 4 << 20
	var next atomic.Int64
	turn, mu := int64(0), sync.Mutex{}
	cond := sync.NewCond(&mu)
	var wg sync.WaitGroup
	for w := 0; w < workers; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			b, parse, r := new(batch), p(), (*reader)(nil)
			for {
				k := next.Add(1) - 1
				lo := start + piece*k
				if lo >= size {
					return
				}
				r = newReader(r, f, lo, min(lo+piece, size), parse)
				for r.next(b) {
					fn(w, b)
				}
				mu.Lock()
				for turn != k {
					cond.Wait()
				}
				done(w)
				turn++
				cond.Broadcast()
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
}
