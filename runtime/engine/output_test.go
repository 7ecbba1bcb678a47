package engine

import (
	"bytes"
	"io"
	"testing"
)

// Of several queries one prints after the other, in the order of the script, or
// all as they come.
func TestPrinter(t *testing.T) {
	for _, c := range []struct {
		together bool
		want     string
	}{{false, "a1 a2 b1 b2 c1 "}, {true, "b1 a1 c1 b2 a2 "}} {
		var out bytes.Buffer
		p := &printer{out: &out, together: c.together}
		a, b, last := p.add(), p.add(), p.add()
		write := func(s *slot, text string) {
			if _, err := io.WriteString(s, text); err != nil {
				t.Fatal(err)
			}
		}
		end := func(s *slot) {
			if err := s.finish(); err != nil {
				t.Fatal(err)
			}
		}
		write(b, "b1 ")
		write(a, "a1 ")
		write(last, "c1 ")
		write(b, "b2 ")
		end(b)
		write(a, "a2 ")
		end(a)
		end(last)
		if out.String() != c.want {
			t.Errorf("together %v: got %q, want %q", c.together, out.String(), c.want)
		}
	}
}
