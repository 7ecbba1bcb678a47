package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// endlessJob counts up into a folder of files.
const endlessJob = `CREATE STREAM d (n BIGINT) WITH (connector = 'datagen', rate = 20000, fields.n.kind = 'sequence');
CREATE STREAM out (n BIGINT) WITH (path = '%s/', format = 'json', part_size = '4 KB');
INSERT INTO out SELECT n FROM d;
`

// readParts returns the rows of a folder of files.
func readParts(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "part-*"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	return rows
}

// awaitFile returns when a file is there.
func awaitFile(t *testing.T, path string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("there is no %s", path)
		}
	}
}

// TestStopWithCheckpoints stops a job without an end by a signal, and lets it go on, twice:
// each row is there once, in order, and those that were read before the signal are there.
func TestStopWithCheckpoints(t *testing.T) {
	signalBothWays(t, func(t *testing.T, sig syscall.Signal) {
		dir := t.TempDir()
		out, script := filepath.Join(dir, "out"), filepath.Join(dir, "job.sql")
		if err := os.WriteFile(script, []byte(fmt.Sprintf(endlessJob, out)), 0o666); err != nil {
			t.Fatal(err)
		}
		before := 0
		for run := range 3 {
			lock := filepath.Join(dir, "state", "lock")
			if err := os.Remove(lock); err != nil && run > 0 { // that of the run before
				t.Fatal(err)
			}
			p := start(t, "run", "--checkpoint-dir", filepath.Join(dir, "state"), "--checkpoint-interval", "1h", script)
			awaitFile(t, lock)                   // it takes signals by then
			<-time.After(100 * time.Millisecond) // some rows, or none: it does not matter how many
			if err := p.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code, _ := p.end(t); code != 0 {
				t.Fatalf("run %d: exit code %d\n%s", run, code, &p.stderr)
			}
			rows := readParts(t, out)
			for i, row := range rows {
				if want := fmt.Sprintf(`{"n":%d}`, i); row != want {
					t.Fatalf("run %d: row %d is %s, want %s", run, i, row, want)
				}
			}
			if len(rows) < before {
				t.Fatalf("run %d: %d rows, and there were %d", run, len(rows), before)
			}
			before = len(rows)
		}
		if before == 0 {
			t.Fatal("no rows at all")
		}
	})
}
