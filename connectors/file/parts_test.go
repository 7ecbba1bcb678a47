package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

var partSchema = data.Schema{{Name: "n", Type: data.Of(data.BigInt)}}

func partSink(t *testing.T, dir string, job *connectors.Job, options ...string) *parts {
	t.Helper()
	m := map[string]string{"path": dir + "/", "format": "csv"}
	for i := 0; i < len(options); i += 2 {
		m[options[i]] = options[i+1]
	}
	s, err := NewSink(connectors.SinkConfig{Name: "s", Schema: partSchema, Options: connectors.NewOptions(m), Job: job})
	if err != nil {
		t.Fatal(err)
	}
	return s.(*parts)
}

func writeNumbers(t *testing.T, s connectors.Sink, from, to int64) {
	t.Helper()
	b := data.NewPool(partSchema).Get()
	for n := from; n <= to; n++ {
		b.Cols[0].AppendInt(n)
		b.N++
	}
	if err := s.Write(context.Background(), b); err != nil {
		t.Fatal(err)
	}
}

// contentsOf lists the files of a folder with their lines.
func contentsOf(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "[^.]*")) // as others see it
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(names)
	var all []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s: %s", filepath.Base(name), strings.Join(strings.Fields(string(text)), " ")))
	}
	return strings.Join(all, "\n")
}

// TestParts writes parts by size and at the end, and goes on behind those of an earlier
// run; nobody sees a part that is not whole.
func TestParts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	s := partSink(t, dir, nil, "part_size", "7")
	writeNumbers(t, s, 1, 2)
	if got := contentsOf(t, dir); got != "" {
		t.Fatalf("there is %s", got)
	}
	writeNumbers(t, s, 3, 3)
	writeNumbers(t, s, 4, 4)
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	writeNumbers(t, s, 5, 5)
	s.Close() // given up
	want := "part-000000000001-000000000003.csv: n 1 2 3\npart-000000000004-000000000004.csv: n 4"
	if got := contentsOf(t, dir); got != want {
		t.Fatalf("there is\n%s\nwant\n%s", got, want)
	}
	s = partSink(t, dir, nil)
	writeNumbers(t, s, 5, 6)
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	want += "\npart-000000000005-000000000006.csv: n 5 6"
	if got := contentsOf(t, dir); got != want {
		t.Fatalf("there is\n%s\nwant\n%s", got, want)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Fatalf("%v is left, %v", left, err)
	}
}

// TestPartsMarked finds out from the parts how many rows of a job are there.
func TestPartsMarked(t *testing.T) {
	dir, job := filepath.Join(t.TempDir(), "out"), &connectors.Job{ID: "abc", Sink: "s"}
	s := partSink(t, dir, job, "part_size", "8")
	mark := func(want int64) {
		t.Helper()
		if m, err := s.Marked(context.Background()); err != nil || m.Rows != want {
			t.Fatalf("marked %+v, %v; want %d rows", m, err, want)
		}
	}
	mark(0)
	writeNumbers(t, s, 1, 5) // one part by its size
	writeNumbers(t, s, 6, 6)
	s = partSink(t, dir, job) // the process has ended
	mark(5)
	writeNumbers(t, s, 6, 7)
	if err := s.CommitMarked(context.Background(), connectors.Mark{Checkpoint: 3, Rows: 7}); err != nil {
		t.Fatal(err)
	}
	mark(7)
	names, err := filepath.Glob(filepath.Join(dir, "part-*"))
	if err != nil || len(names) != 2 {
		t.Fatalf("there are %v, %v", names, err)
	}
	for _, name := range names { // somebody takes them away
		os.Remove(name)
	}
	s = partSink(t, dir, job)
	mark(7)
	s = partSink(t, dir, &connectors.Job{ID: "other", Sink: "s"})
	mark(0)
}

// TestPartsRefused names what cannot be written as parts.
func TestPartsRefused(t *testing.T) {
	for _, c := range []struct {
		options map[string]string
		key     []int
		want    string
	}{
		{map[string]string{"path": t.TempDir()}, nil, "nothing tells the format"},
		{map[string]string{"path": t.TempDir(), "format": "csv"}, []int{0}, "a table with a primary key cannot be written as the parts"},
		{map[string]string{"path": t.TempDir(), "format": "csv", "delimiter": "::"}, nil, "delimiter"},
	} {
		_, err := NewSink(connectors.SinkConfig{Name: "s", Schema: partSchema, Key: c.key, Options: connectors.NewOptions(c.options)})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// The folder of a path that starts from that of the script is made as any other.
func TestPartsBesideScript(t *testing.T) {
	base := t.TempDir()
	s, err := NewSink(connectors.SinkConfig{Name: "s", Schema: partSchema, BaseDir: base, Options: connectors.NewOptions(map[string]string{"path": "out/", "format": "csv"})})
	if err != nil {
		t.Fatal(err)
	}
	writeNumbers(t, s, 1, 2)
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := contentsOf(t, filepath.Join(base, "out")), "part-000000000001-000000000002.csv: n 1 2"; got != want {
		t.Errorf("the folder has\n%s\nwant\n%s", got, want)
	}
}
