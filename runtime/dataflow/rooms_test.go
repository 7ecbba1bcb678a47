package dataflow

import (
	"testing"

	"tidemark/operators"
)

// hoard is an operator that says that it holds some bytes.
type hoard struct {
	operators.Operator
	bytes int64
}

func (h *hoard) Bytes() int64 { return h.bytes }

// TestRooms makes memory ready before it is needed: by what an operator holds, and by what
// its parts took before.
func TestRooms(t *testing.T) {
	r, op := newRooms(nil), &hoard{bytes: 1000}
	h := r.watch("op", op)
	grow := func(bytes int64) {
		op.bytes = bytes
		for range lookEvery {
			h.changed()
		}
	}
	took := func(size int) {
		r.took("op", op, size)
		s := NewSnapshot(map[string][]byte{"op": make([]byte, size)})
		r.sized(s)
		r.give(s.Parts())
	}
	takes := func(what string, least, most int) {
		t.Helper()
		r.prepare()
		mapped := len(r.spare["op"])
		room := r.take("op")
		if len(room) != 0 || cap(room) < least || cap(room) > most {
			t.Fatalf("%s: room for %d bytes, not for %d to %d", what, cap(room), least, most)
		}
		if mapped < least {
			t.Fatalf("%s: %d bytes are mapped, of %d", what, mapped, least)
		}
	}
	takes("little", 0, 0)
	grow(8 << 20)
	takes("at first", 4<<20, 9<<20)
	took(2 << 20)
	takes("the same again", 2<<20, 3<<20)
	grow(16 << 20)
	takes("twice as much", 4<<20, 6<<20)
	took(4 << 20)
	grow(2 << 20)
	r.spare["op"] = make([]byte, 32<<20)
	r.prepare() // it is little now, and what there is stays
	if n := cap(r.take("op")); n != 32<<20 {
		t.Fatalf("room for %d bytes is left", n)
	}
	grow(8 << 20)
	r.spare["op"] = make([]byte, 32<<20)
	takes("far less", 2<<20, 3<<20)
}
