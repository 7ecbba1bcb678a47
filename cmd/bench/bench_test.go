package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// TestProgramsAgree: a race between programs that give different answers says
// nothing.
func TestProgramsAgree(t *testing.T) {
	const rows = 60_000 // three windows, and more than one piece of each file
	dir := t.TempDir()
	if err := (clicks{rows: rows, users: 50, zipf: 1.1, spacing: 10}).write(dir, "clicks"); err != nil {
		t.Fatal(err)
	}
	if err := writeOrders(dir, rows); err != nil {
		t.Fatal(err)
	}
	if err := writeLogs(dir, rows); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, r := range races {
		if r.limit == "" || r.input == "keys" || r.input == "wide" {
			continue
		}
		tried++
		path, out := r.path(dir), filepath.Join(dir, "out.csv")
		if err := limit(r.limit, path, r.format, out, 3); err != nil {
			t.Fatal(err)
		}
		hand, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		var ours bytes.Buffer
		job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("race.sql", r.script(path)), engine.Options{Output: "csv", Stdout: &ours})
		if problems.HasErrors() || err != nil {
			t.Fatal(problems.Render(), err)
		}
		if _, err := job.Run(context.Background(), context.Background()); err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(ours.String(), "\n")
		want, got := sortedLines(string(hand)), sortedLines(body)
		if len(want) < 10 || !slices.EqualFunc(got, want, sameRow) {
			t.Errorf("%s: by hand\n%.300s\nthe engine\n%.300s", r.name, strings.Join(want, "\n"), strings.Join(got, "\n"))
		}
	}
	if tried < 4 {
		t.Errorf("only %d races have a program written by hand", tried)
	}
}

func sortedLines(s string) []string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	slices.Sort(lines)
	return lines
}

// sameRow compares rows of csv without quotes; sums of doubles may differ by
// rounding.
func sameRow(a, b string) bool {
	return slices.EqualFunc(strings.Split(a, ","), strings.Split(b, ","), func(x, y string) bool {
		if x == y {
			return true
		}
		f, err1 := strconv.ParseFloat(x, 64)
		g, err2 := strconv.ParseFloat(y, 64)
		return err1 == nil && err2 == nil && math.Abs(f-g) < 1e-9*math.Abs(f)
	})
}
