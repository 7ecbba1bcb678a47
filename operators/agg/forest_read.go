package agg

import "bytes"

// total returns how many keys group g has, copies counted.
func (f *forest) total(g int32) int64 {
	f.settle()
	return f.totalOf(f.roots[g])
}

// first returns the node of the least key of group g, 0 when it has none.
func (f *forest) first(g int32) int32 {
	f.settle()
	t := f.roots[g]
	for t != 0 && f.nodes[t].left != 0 {
		t = f.nodes[t].left
	}
	return t
}

// last returns the node of the greatest key of group g, 0 when it has none.
func (f *forest) last(g int32) int32 {
	f.settle()
	t := f.roots[g]
	for t != 0 && f.nodes[t].right != 0 {
		t = f.nodes[t].right
	}
	return t
}

// at returns the node of the key at place i, counted from 0, among the keys of
// group g with their copies.
func (f *forest) at(g int32, i int64) int32 {
	f.settle()
	t := f.roots[g]
	for {
		n := &f.nodes[t]
		before := f.totalOf(n.left)
		switch {
		case i < before:
			t = n.left
		case i < before+n.copies:
			return t
		default:
			i -= before + n.copies
			t = n.right
		}
	}
}

// mode returns the node of the key with the most copies in group g, the least of
// several or the greatest; 0 when it has none.
func (f *forest) mode(g int32, greatest bool) int32 {
	f.settle()
	t := f.roots[g]
	most := f.mostOf(t)
	for t != 0 {
		n := &f.nodes[t]
		near, far := n.left, n.right
		if greatest {
			near, far = far, near
		}
		switch {
		case f.mostOf(near) == most:
			t = near
		case n.copies == most:
			return t
		default:
			t = far
		}
	}
	return 0
}

// lastWith returns the node of the greatest key of group g that begins with
// prefix, 0 when none does.
func (f *forest) lastWith(g int32, prefix []byte) int32 {
	f.settle()
	found := int32(0)
	for t := f.roots[g]; t != 0; {
		f.seek = f.appendKey(f.seek[:0], t)
		k := min(len(f.seek), len(prefix))
		switch c := bytes.Compare(f.seek[:k], prefix); {
		case c == 0:
			found, t = t, f.nodes[t].right
		case c < 0:
			t = f.nodes[t].right
		default:
			t = f.nodes[t].left
		}
	}
	return found
}

// walk calls visit with the nodes of group g in order, as long as it returns true.
func (f *forest) walk(g int32, visit func(t int32) bool) {
	f.settle()
	f.walkSettled(g, visit)
}

func (f *forest) walkSettled(g int32, visit func(t int32) bool) {
	f.path = f.path[:0]
	for t := f.roots[g]; t != 0 || len(f.path) > 0; {
		for ; t != 0; t = f.nodes[t].left {
			f.path = append(f.path, t)
		}
		t = f.path[len(f.path)-1]
		f.path = f.path[:len(f.path)-1]
		if !visit(t) {
			return
		}
		t = f.nodes[t].right
	}
}
