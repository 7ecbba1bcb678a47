package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// TestPipe reads a named pipe, as tail -F fills one: lines come as they are written, the
// last one once it has its end, or when the pipe ends.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.csv")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(path, os.O_RDWR, 0) // does not wait for a reader
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if _, err := pipe.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("a,b\nx,1\n")
	r, dec := open(t, config("", "path", path))
	next := func(want string) {
		t.Helper()
		var c connectors.Chunk
		var place connectors.Place
		if err := r.Next(context.Background(), &c); err != nil {
			t.Fatal(err)
		}
		b := data.NewPool(schema).Get()
		dec.Decode(&c, b, &place, 10)
		got := ""
		for i := range b.N {
			got += fmt.Sprintf("%s%d ", b.Cols[0].Text(i), b.Cols[1].Ints[i])
		}
		if got != want || len(c.Bad) > 0 {
			t.Errorf("%q, %v; want %q", got, c.Bad, want)
		}
	}
	next("x1 ")
	write("y,2\nz")
	next("y2 ")
	write(",3")
	write("4\nw,5")
	next("z34 ")
	if err := pipe.Close(); err != nil {
		t.Fatal(err)
	}
	next("w5 ")
}
