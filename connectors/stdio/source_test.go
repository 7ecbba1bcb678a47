package stdio

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"tidemark/connectors"
	"tidemark/operators/data"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func config(in io.Reader, options map[string]string) connectors.SourceConfig {
	return connectors.SourceConfig{Name: "t", Schema: schema, Needed: []int{0, 1}, Options: connectors.NewOptions(options), Stdin: in}
}

// TestLive checks that records are handed out as they come through a pipe, and
// that the end of the context ends the wait for more.
func TestLive(t *testing.T) {
	in, out := io.Pipe()
	src, err := NewSource(config(in, map[string]string{"format": "csv", "bounded": "false"}))
	if err != nil {
		t.Fatal(err)
	}
	if src.Bounded() {
		t.Error("bounded")
	}
	r, err := src.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	dec, err := src.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	var c connectors.Chunk
	var place connectors.Place
	var got []string
	for i, text := range []string{"user_id,Total\nA,1\nB", ",2\n", "C,3\nD,4\nE"} {
		go io.WriteString(out, text)
		if err := r.Next(context.Background(), &c); err != nil {
			t.Fatal(err)
		}
		if c.NewFile != (i == 0) || c.Name != "<stdin>" {
			t.Errorf("chunk %d: %v %s", i, c.NewFile, c.Name)
		}
		b := data.NewPool(schema).Get()
		if !dec.Decode(&c, b, &place, 100) {
			t.Error("not done")
		}
		for k := 0; k < b.N; k++ {
			got = append(got, string(b.Cols[0].Text(k)))
		}
	}
	if strings.Join(got, "") != "ABCD" {
		t.Error(got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.Next(ctx, &c); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	out.Close() // ends the blocked read
}

func TestWhole(t *testing.T) {
	src, err := NewSource(config(strings.NewReader(`{"user_id":"A"}`), map[string]string{"format": "json"}))
	if err != nil {
		t.Fatal(err)
	}
	r, err := src.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var c connectors.Chunk
	if err := r.Next(context.Background(), &c); err != nil || string(c.Data) != `{"user_id":"A"}` {
		t.Errorf("%q, %v", c.Data, err)
	}
	if err := r.Next(context.Background(), &c); err != io.EOF {
		t.Error(err)
	}
	if read, total := r.Progress(); read != 15 || total != -1 {
		t.Errorf("read %d of %d", read, total)
	}
}

func TestSourceErrors(t *testing.T) {
	for format, want := range map[string]string{
		"":    "the format of the standard input cannot be told (add format = 'csv' or 'json')",
		"xml": "format = 'xml' is none of its values (there are: csv, tsv, json, ",
	} {
		m := map[string]string{}
		if format != "" {
			m["format"] = format
		}
		if _, err := NewSource(config(nil, m)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
