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

// The limit is what a careful person writes by hand for exactly one query: no
// SQL, no types, no validation, keys packed into eight bytes where they fit. It is
// what the engine is held against.

// limits are the programs written by hand, by the name of their query.
var limits = map[string]func(in input, out *bufio.Writer, workers int){
	"tumble": limitTumble,
	"orders": limitOrders,
	"logs":   limitLogs,
}

// input is an opened file of rows.
type input struct {
	f           *os.File
	format      string
	start, size int64 // the rows are bytes start to size
}

// limit runs the hand-written program of a query over a file with the given
// number of workers and writes the result as CSV to out.
func limit(query, name, format, out string, workers int) error {
	run, ok := limits[query]
	if !ok {
		return fmt.Errorf("no program is written for the query %q", query)
	}
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
	in := input{f: f, format: format, size: st.Size()}
	if format == "csv" {
		var h [4096]byte
		n, err := f.ReadAt(h[:], 0)
		if err != nil && n == 0 {
			return err
		}
		for int(in.start) < n && h[in.start] != '\n' {
			in.start++
		}
		in.start++
	}
	w, err := os.Create(out)
	if err != nil {
		return err
	}
	defer w.Close()
	b := bufio.NewWriterSize(w, 1<<18)
	run(in, b, workers)
	return b.Flush()
}

// tumbleDelay is the watermark delay in ms: 2 s of disorder, 10 min of lateness, and slack.
const tumbleDelay = 603_000

// limitTumble is the sum and count of amount by user in five-minute windows.
func limitTumble(in input, out *bufio.Writer, workers int) {
	s := &sink{w: out}
	fresh := func() *ring[table] {
		return newRing(300_000, func() *table { return newTable(10) }, (*table).clear)
	}
	newParser := func(int) parser { return newJSON("user_id", "event_time", "amount") }
	if in.format == "csv" {
		newParser = func(int) parser { return newCSV(1, 2, 3) }
	}
	// Each piece is aggregated alone; the partial results are merged in file
	// order, so the watermark is the same as with one worker.
	all, local := fresh(), make([]*ring[table], workers)
	for i := range local {
		local[i] = fresh()
	}
	pieces(in, workers, newParser, func(w int, b *batch) { addBatch(local[w], b) }, func(w int) {
		all.merge(local[w], (*table).addAll)
		all.emit(all.max-tumbleDelay, s.table)
	})
	all.emit(math.MaxInt64, s.table)
	fmt.Fprintln(os.Stderr, "rows", s.rows, "count", s.cnt, "sum", strconv.FormatFloat(float64(s.sum)/100, 'f', 2, 64))
}

// pieces hands 4 MiB pieces of the input to the workers: fn sees each batch, done
// runs once a piece, one at a time and in file order. p makes a worker's parser.
func pieces(in input, workers int, p func(worker int) parser, fn func(worker int, b *batch), done func(worker int)) {
	const piece = 4 << 20
	var next atomic.Int64
	turn, mu := int64(0), sync.Mutex{}
	cond := sync.NewCond(&mu)
	var wg sync.WaitGroup
	for w := 0; w < workers; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			b, parse, r := new(batch), p(w), (*reader)(nil)
			for {
				k := next.Add(1) - 1
				lo := in.start + piece*k
				if lo >= in.size {
					return
				}
				r = newReader(r, in.f, lo, min(lo+piece, in.size), parse)
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
