package agg

// merge adds the keys of group i of from to groups[i], telling each of the new
// ones to fresh, unless that is nil.
func (f *forest) merge(groups []int32, from *forest, fresh func(g int32, key []byte)) {
	from.settle()
	var key []byte
	var stack []int32
	for i, t := range from.roots {
		for stack = stack[:0]; t != 0 || len(stack) > 0; {
			for ; t != 0; t = from.nodes[t].left {
				stack = append(stack, t)
			}
			t = stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			key = from.appendKey(key[:0], t)
			n := &from.nodes[t]
			if f.add(groups[i], key, n.copies) == n.copies && fresh != nil {
				fresh(groups[i], key)
			}
			t = n.right
		}
	}
}

// save writes all keys.
func (f *forest) save(w *writer) {
	w.Uvarint(uint64(len(f.roots)))
	var key []byte
	for g := range f.roots {
		n := uint64(0)
		f.walk(int32(g), func(int32) bool { n++; return true })
		w.Uvarint(n)
		f.walk(int32(g), func(t int32) bool {
			key = f.appendKey(key[:0], t)
			w.Text(key)
			w.Uvarint(uint64(f.nodes[t].copies))
			return true
		})
	}
}

// load replaces all keys by saved ones, each of which must pass check.
func (f *forest) load(r *reader, check func(g int32, key []byte, copies int64) bool) {
	f.reset()
	groups := r.Count(1)
	f.resize(groups)
	for g := range int32(groups) {
		for range r.Count(2) {
			key := r.Text()
			copies := int64(r.Uvarint())
			if r.Damaged() || copies <= 0 || copies > maxCopies || !check(g, key, copies) {
				r.Fail()
				return
			}
			f.add(g, key, copies)
		}
	}
}

// maxCopies is more than any number of rows, and so few that damage cannot make
// totals overflow.
const maxCopies = 1 << 48
