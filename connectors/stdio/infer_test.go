package stdio

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// What is looked at to tell the columns is read again by the query.
func TestInfer(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	for _, c := range []struct{ format, bounded, text, want string }{
		{"json", "true", `{"a":1}` + "\n" + `{"b":"x"}`, "a BIGINT, b STRING"},
		{"json", "false", `{"a":1}` + "\n" + `{"b":"x"}` + "\n", "a BIGINT"},
		{"csv", "false", "\na,b\n\n1,\"x\ny\"\nz,", "a BIGINT, b STRING"},
		{"csv", "true", "a\n1\n" + long + "\n", "a BIGINT"}, // the long record does not end in the sample
		{"csv", "true", "a\n" + strings.Repeat("1234567\n", 1<<18) + "x\n", "a BIGINT"},
		{"csv", "true", "", "the columns of <stdin> cannot be told: it is empty (declare the columns: CREATE STREAM name (id BIGINT, …) WITH (…))"},
	} {
		cfg := config(connectors.NewAhead(strings.NewReader(c.text)), map[string]string{"format": c.format, "bounded": c.bounded})
		cfg.Schema = nil
		s, err := Infer(context.Background(), cfg)
		var cols []string
		for _, col := range s {
			cols = append(cols, col.Name+" "+col.Type.String())
		}
		got := strings.Join(cols, ", ")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%.40q: %s, want %s", c.text, got, c.want)
		}
		rest, err := io.ReadAll(cfg.Stdin)
		if string(rest) != c.text || err != nil {
			t.Errorf("%.40q: %d of %d bytes are left, %v", c.text, len(rest), len(c.text), err)
		}
	}
}

// The first record of a live input decides, however much of it has come already;
// the end of the context ends the wait for it.
func TestInferLive(t *testing.T) {
	in, out := io.Pipe()
	cfg := config(connectors.NewAhead(in), map[string]string{"format": "csv", "bounded": "false"})
	go io.WriteString(out, "a\n1\n")
	s, err := Infer(context.Background(), cfg)
	if err != nil || len(s) != 1 || s[0].Type != data.Of(data.BigInt) {
		t.Errorf("%v, %v", s, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	in, out = io.Pipe()
	cfg.Stdin = connectors.NewAhead(in)
	if _, err := Infer(ctx, cfg); err != context.Canceled {
		t.Errorf("after the end of the context: %v", err)
	}
	out.Close()
}

func TestInferCannot(t *testing.T) {
	for _, c := range []struct {
		in      io.Reader
		options map[string]string
		want    string
	}{
		{strings.NewReader("a\n"), map[string]string{"format": "csv"}, "the columns of the standard input cannot be told before it is read (declare the columns)"},
		{connectors.NewAhead(strings.NewReader("a\n")), nil, "the format of the standard input cannot be told (add format = 'csv' or 'json')"},
		{connectors.NewAhead(failing{}), map[string]string{"format": "csv"}, "the standard input cannot be read: the cable is out"},
	} {
		if _, err := Infer(context.Background(), config(c.in, c.options)); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// failing is a reader that cannot be read.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the cable is out") }
