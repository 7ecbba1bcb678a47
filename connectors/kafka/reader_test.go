package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// row is a row of the tests' sources.
type row struct {
	name string // of the partition
	n    int64
}

var testSchema = data.Schema{{Name: "n", Type: data.Of(data.BigInt)}}

// openSource returns a source with one column n by options.
func openSource(t testing.TB, o connectors.Options) connectors.Source {
	t.Helper()
	if !o.Has("format") {
		o = o.With("format", "json")
	}
	s, err := NewSource(connectors.SourceConfig{Name: "s", Schema: testSchema, Needed: []int{0}, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// drain reads until the end, or until there are enough rows.
func drain(ctx context.Context, t testing.TB, s connectors.Source, r connectors.Reader, enough int) ([]row, map[string][]byte, error) {
	t.Helper()
	dec, err := s.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	var c connectors.Chunk
	after := map[string][]byte{}
	pool := data.NewPool(testSchema)
	for enough < 0 || len(rows) < enough {
		if err := r.Next(ctx, &c); errors.Is(err, io.EOF) {
			return rows, after, nil
		} else if err != nil {
			return rows, after, err
		}
		after[c.Name] = append([]byte{}, c.After...)
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(&c, b, &connectors.Place{}, 100)
			for i := range b.N {
				rows = append(rows, row{c.Name, b.Cols[0].Ints[b.Cols[0].Index(i)]})
			}
			b.Release()
		}
		if c.Fatal != nil {
			return rows, after, c.Fatal
		}
		for _, bad := range c.Bad {
			return rows, after, fmt.Errorf("%s: %s", c.Name, bad.Reason)
		}
	}
	return rows, after, nil
}

// numbers lists the rows of a partition, or of all.
func numbers(rows []row, name string) string {
	var b strings.Builder
	for _, r := range rows {
		if name == "" || r.name == name {
			fmt.Fprintf(&b, "%d ", r.n)
		}
	}
	return strings.TrimSpace(b.String())
}

// readAll opens a bounded source and reads it to its end.
func readAll(ctx context.Context, t testing.TB, o connectors.Options) ([]row, error) {
	t.Helper()
	s := openSource(t, o)
	r, err := s.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	rows, _, err := drain(ctx, t, s, r, -1)
	return rows, err
}

func TestBoundedReading(t *testing.T) {
	ctx := testContext(t)
	c := newCluster(t, kfake.NumBrokers(2), kfake.SeedTopics(3, "a"), kfake.SeedTopics(1, "b"))
	p := writer(t, address(c))
	write(ctx, t, p, "a", 0, 0, 5)
	write(ctx, t, p, "a", 0, 5, 7)
	write(ctx, t, p, "a", 2, 20, 23)
	write(ctx, t, p, "b", 0, 30, 31)
	rows, err := readAll(ctx, t, options(c, "topic", "b, a", "scan.bounded.mode", "latest"))
	if err != nil {
		t.Fatal(err)
	}
	if got := numbers(rows, ""); got != "0 1 2 3 4 5 6 20 21 22 30" {
		t.Error(got)
	}
}

// openReader opens a source and closes its reader with the test.
func openReader(ctx context.Context, t testing.TB, s connectors.Source) connectors.Reader {
	t.Helper()
	r, err := s.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// want fails the test unless the next rows of a live reader, so many as want has, are
// those, apart from the order of partitions.
func want(ctx context.Context, t testing.TB, s connectors.Source, r connectors.Reader, want string) {
	t.Helper()
	rows, _, err := drain(ctx, t, s, r, len(strings.Fields(want)))
	if got := numbers(rows, ""); err != nil || got != want {
		t.Fatalf("got %s, want %s; %v", got, want, err)
	}
}
