package state

// Drop forgets the keys of which gone is true. The others get new ids, in the order of
// their old ones, and stay in the memory that is there, unless it is far more than they
// need. It appends the new id of each old one to to, -1 for those that are gone.
func (t *KeyTable) Drop(gone []bool, to []int32) []int32 {
	t.n = 0
	for _, g := range gone {
		id := int32(-1)
		if !g {
			id = int32(t.n)
			t.n++
		}
		to = append(to, id)
	}
	for i := range t.keys {
		t.keys[i].Drop(gone)
	}
	held := make([]slot, 0, t.n)
	for _, s := range t.slots {
		if s.ref == 0 || gone[s.id()] {
			continue
		}
		ref := to[s.id()] + 1
		if s.ref < 0 {
			ref = -ref
		}
		held = append(held, slot{s.lo, s.hi, ref})
	}
	if t.shrinks() {
		t.slots = make([]slot, max(minSlots, 2*t.n))
		for i := range t.keys {
			t.keys[i].Fit()
		}
	} else {
		clear(t.slots)
	}
	t.fill(held)
	return to
}

// fill puts into the slots, which are free, those of a list in which they are nearly in
// the order of their hashes, and so of their places.
func (t *KeyTable) fill(list []slot) {
	n := len(t.slots)
	for _, s := range list {
		if s.ref == 0 {
			continue
		}
		i := place(s.hash(), n)
		for t.slots[i].ref != 0 {
			if i++; i == n {
				i = 0
			}
		}
		t.slots[i] = s
	}
}
