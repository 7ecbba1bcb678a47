// Command bench races a tidemark binary against programs written by hand for
// exactly one query, on generated input, and prints the ratios.
//
//	go run ./cmd/bench [-rows N] [-runs N] [-dir DIR] TIDEMARK
//	go run ./cmd/bench -kafka HOST:PORT [-rows N] [-runs N] [-dir DIR]
//
// The second form measures reading from a topic of a Kafka, by an engine in this process;
// -kafka start starts one.
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

func main() {
	rows := flag.Int("rows", 2_000_000, "rows of the inputs")
	runs := flag.Int("runs", 5, "runs of each program")
	dir := flag.String("dir", "", "folder for the inputs (default: one for this number of rows in the temporary folder)")
	hand := flag.String("limit", "", "run the hand-written program over this file and stop")
	query := flag.String("query", "tumble", "query of the hand-written program: tumble, orders or logs")
	format := flag.String("format", "json", "format of the -limit file")
	write := flag.Bool("write", false, "write the inputs and stop")
	brokers := flag.String("kafka", "", "measure reading from the Kafka at this address, or from one that is started for it: start")
	flag.Parse()
	if *dir == "" {
		*dir = filepath.Join(os.TempDir(), "tidemark-bench-"+strconv.Itoa(*rows))
	}
	var err error
	if *brokers != "" {
		err = kafka(os.Stdout, *brokers, *dir, *rows, *runs)
	} else if *write {
		err = writeInputs(*dir, *rows)
	} else if *hand != "" {
		err = limit(*query, *hand, *format, os.DevNull, runtime.NumCPU())
	} else if flag.NArg() != 1 {
		err = fmt.Errorf("usage: bench [-rows N] [-runs N] [-dir DIR] TIDEMARK")
	} else {
		err = run(os.Stdout, flag.Arg(0), *dir, *rows, *runs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// writeInputs writes what the races read, unless it is there.
func writeInputs(dir string, rows int) error {
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
	if err := writeOrders(dir, rows); err != nil {
		return err
	}
	return writeLogs(dir, rows)
}

func run(w io.Writer, binary, dir string, rows, runs int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// In a process of its own: the peak that the system tells of a process is at least what
	// the one had that started it.
	if _, err := measure([]string{self, "-write", "-dir", dir, "-rows", strconv.Itoa(rows)}); err != nil {
		return fmt.Errorf("writing the inputs: %w", err)
	}
	fmt.Fprintf(w, "%d rows, %d processors, medians of %d runs\n\n", rows, runtime.NumCPU(), runs)
	fmt.Fprintf(w, "%-34s %10s %10s %8s %10s %8s\n", "query", "hand s", "tidemark s", "ratio", "rows/s", "MB")
	for _, r := range races {
		path := r.path(dir)
		mine := []string{binary, "run", "--quiet", "-o", "csv", "-e", r.script(path)}
		theirs := []string{self, "-limit", path, "-query", r.limit, "-format", r.format}
		var hand, ours []sample
		for range runs {
			if r.limit != "" {
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
		if r.limit != "" {
			h := median(hand)
			limit, ratio = fmt.Sprintf("%.3f", h.seconds), fmt.Sprintf("%.2f", o.seconds/h.seconds)
		}
		fmt.Fprintf(w, "%-34s %10s %10.3f %8s %9.1fM %8.1f\n", r.name, limit, o.seconds, ratio, float64(rows)/o.seconds/1e6, o.megabytes)
	}
	return nil
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
