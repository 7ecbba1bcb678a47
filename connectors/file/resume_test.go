package file

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// seen is what matters of a chunk.
type seen struct {
	Data, Name, Header string
	Offset             int64
	NewFile            bool
	TooLong            int64
}

// readChunks reads to the end and returns the chunks, and the position behind each.
func readChunks(t *testing.T, r connectors.Reader) (all []seen, at [][]byte) {
	t.Helper()
	defer r.Close()
	for {
		var c connectors.Chunk
		err := r.Next(context.Background(), &c)
		if err == io.EOF {
			return all, at
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, seen{string(c.Data), c.Name, string(c.Header), c.Offset, c.NewFile, c.TooLong})
		at = append(at, append([]byte(nil), c.After...))
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if !strings.HasSuffix(path, ".gz") {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	io.WriteString(z, text)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
}

func rowsOf(header string, n int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range n {
		fmt.Fprintf(&b, "%d,\"a\n%s\"\n", i, strings.Repeat("x", i%50))
	}
	return b.String()
}

// openBlocks returns a source that reads blocks of a few bytes.
func openBlocks(t *testing.T, path string, block int) *source {
	t.Helper()
	s, err := NewSource(connectors.SourceConfig{Name: "s", Schema: data.Schema{{Name: "a", Type: data.Of(data.BigInt)}, {Name: "b", Type: data.Of(data.String)}},
		Needed: []int{0, 1}, Options: connectors.NewOptions(map[string]string{"path": path, "format": "csv", "max_record_bytes": "100"})})
	if err != nil {
		t.Fatal(err)
	}
	s.(*source).block = block
	return s.(*source)
}

// TestOpenAt reads on from behind each chunk: what comes is what came.
func TestOpenAt(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "1.csv"), "\xef\xbb\xbf\n"+rowsOf("a,b\n", 60))
	writeFile(t, filepath.Join(dir, "2.csv"), "a,b\n")
	writeFile(t, filepath.Join(dir, "3.csv.gz"), rowsOf("b,a\n", 50))
	writeFile(t, filepath.Join(dir, "4.csv"), "a,b\n1,"+strings.Repeat("long", 100)+"\n2,b\n")
	for _, block := range []int{16, 100, 1000, 1 << 20} {
		s := openBlocks(t, filepath.Join(dir, "*.csv*"), block)
		r, err := s.Open(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		all, at := readChunks(t, r)
		for i := range all {
			r, err := s.OpenAt(context.Background(), []connectors.Position{{At: at[i]}})
			if err != nil {
				t.Fatalf("block %d, behind chunk %d: %v", block, i, err)
			}
			rest, _ := readChunks(t, r)
			if d := cmp.Diff(all[i+1:], rest); d != "" && len(all[i+1:])+len(rest) > 0 {
				t.Fatalf("block %d, behind chunk %d (-want +got)\n%s", block, i, d)
			}
		}
	}
}

// TestOpenAtChanged checks that a file which is not what it was is refused.
func TestOpenAtChanged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "b.csv")
	whole := "a,b\n1,x\n2,y\n3,z\n"
	writeFile(t, path, whole)
	s := openBlocks(t, filepath.Join(dir, "*.csv"), 8)
	r, err := s.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	_, at := readChunks(t, r)
	last := []connectors.Position{{At: at[len(at)-1]}}
	for _, c := range []struct {
		change func()
		want   string
	}{
		{func() { writeFile(t, path, whole+"4,w\n") }, ""},
		{func() { writeFile(t, path, strings.Replace(whole, "3,z", "3,y", 1)) }, "the bytes before byte 16 are not those that were read"},
		{func() { writeFile(t, path, "a,b\n1,x\n") }, "it has 8 bytes, and had been read up to byte 16"},
		{func() { writeFile(t, filepath.Join(dir, "a.csv"), whole) }, "there were 0 before 'b.csv', which was being read, and now there are 1"},
		{func() { os.Remove(path) }, "'b.csv', which was being read, is not there any more"},
	} {
		c.change()
		r, err := s.OpenAt(context.Background(), last)
		switch {
		case err == nil:
			r.Close()
			if c.want != "" {
				t.Errorf("no error, want %s", c.want)
			}
		case c.want == "" || !strings.Contains(err.Error(), c.want):
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
