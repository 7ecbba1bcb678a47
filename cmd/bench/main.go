// Command bench races a tidemark binary against programs written by hand for
// exactly one query, on generated input, and prints the ratios.
//
//	go run ./cmd/bench [-rows N] [-runs N] [-dir DIR] TIDEMARK
//
// Each time is a whole process, the median of several runs, the two programs in
// turn. The rows without a limit show what else costs.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// race is a query and the input it runs over.
type race struct {
	name, input, format string
	sql                 string
	limited             bool // the hand-written program answers it too
}

const tumble = "SELECT window_start, user_id, SUM(amount) AS s, COUNT(*) AS n FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), user_id;"

const general = `SELECT window_start, lower(page) AS page, AVG(amount) AS a, MIN(amount) AS lo, MAX(event_id) AS hi, COUNT(DISTINCT user_id) AS users
FROM clicks WHERE amount > 100 AND event_id % 3 <> 0 GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), lower(page);`

const simpler = `SELECT window_start, lower(page) AS page, AVG(amount) AS a, MIN(amount) AS lo, MAX(event_id) AS hi
FROM clicks WHERE amount > 100 GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), lower(page);`

var races = []race{
	{"tumble-json", "clicks", "json", tumble, true},
	{"tumble-csv", "clicks", "csv", tumble, true},
	{"keys", "keys", "json", tumble, true},
	{"tumble-json + 10 columns", "wide", "json", tumble, true},
	{"tumble-csv + 10 columns", "wide", "csv", tumble, true},
	{"where, lower(page), avg min max", "clicks", "json", simpler, false},
	{"the same with count distinct", "clicks", "json", general, false},
	{"the same from csv", "clicks", "csv", general, false},
}

func main() {
	rows := flag.Int("rows", 2_000_000, "rows of the inputs")
	runs := flag.Int("runs", 5, "runs of each program")
	dir := flag.String("dir", "", "folder for the inputs (default: one for this number of rows in the temporary folder)")
	hand := flag.String("limit", "", "run the hand-written program over this file and stop")
	format := flag.String("format", "json", "format of the -limit file")
	flag.Parse()
	var err error
	if *hand != "" {
		err = limit(*hand, *format, os.DevNull, runtime.NumCPU())
	} else if flag.NArg() != 1 {
		err = fmt.Errorf("usage: bench [-rows N] [-runs N] [-dir DIR] TIDEMARK")
	} else {
		if *dir == "" {
			*dir = filepath.Join(os.TempDir(), "tidemark-bench-"+strconv.Itoa(*rows))
		}
		err = run(os.Stdout, flag.Arg(0), *dir, *rows, *runs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, binary, dir string, rows, runs int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	inputs := map[string]clicks{
		"clicks": {rows: rows, users: 5000, zipf: 1.1, spacing: 10},
		"keys":   {rows: rows, users: rows / 5},
		"wide":   {rows: rows, users: 5000, zipf: 1.1, spacing: 10, extra: 10},
	}
	for _, name := range []string{"clicks", "keys", "wide"} {
		if err := inputs[name].write(dir, name); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d rows, %d processors, medians of %d runs\n\n", rows, runtime.NumCPU(), runs)
	fmt.Fprintf(w, "%-34s %10s %10s %8s %10s %8s\n", "query", "hand s", "tidemark s", "ratio", "rows/s", "MB")
	for _, r := range races {
		path := filepath.Join(dir, r.input+map[string]string{"json": ".ndjson", "csv": ".csv"}[r.format])
		mine := []string{binary, "run", "--quiet", "-o", "csv", "-e", ddl(path, r.format) + r.sql}
		theirs := []string{self, "-limit", path, "-format", r.format}
		var hand, ours []sample
		for range runs {
			if r.limited {
				s, err := measure(theirs)
				if err != nil {
					return fmt.Errorf("%s: the hand-written program: %w", r.name, err)
				}
				hand = append(hand, s)
			}
			s, err := measure(mine)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			ours = append(ours, s)
		}
		o := median(ours)
		limit, ratio := "-", "-"
		if r.limited {
			h := median(hand)
			limit, ratio = fmt.Sprintf("%.3f", h.seconds), fmt.Sprintf("%.2f", o.seconds/h.seconds)
		}
		fmt.Fprintf(w, "%-34s %10s %10.3f %8s %9.1fM %8.1f\n", r.name, limit, o.seconds, ratio, float64(rows)/o.seconds/1e6, o.megabytes)
	}
	return nil
}

func ddl(path, format string) string {
	return fmt.Sprintf(`CREATE STREAM clicks (event_id BIGINT, user_id STRING, event_time TIMESTAMP, amount DECIMAL(18,2), page STRING,
WATERMARK FOR event_time AS event_time - INTERVAL '603' SECOND) WITH (connector = 'file', path = '%s', format = '%s');
`, path, format)
}

// sample is what one run took.
type sample struct{ seconds, megabytes float64 }

func measure(args []string) (sample, error) {
	cmd := exec.Command(args[0], args[1:]...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	start := time.Now()
	err := cmd.Run()
	s := sample{seconds: time.Since(start).Seconds()}
	if err != nil {
		return s, fmt.Errorf("%w: %s", err, stderr.String())
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.megabytes = float64(u.Maxrss) / 1024
	}
	return s, nil
}

// median returns the run with the median time.
func median(s []sample) sample {
	sort.Slice(s, func(i, j int) bool { return s[i].seconds < s[j].seconds })
	return s[len(s)/2]
}
