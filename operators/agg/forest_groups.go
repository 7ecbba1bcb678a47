package agg

// joinGroups adds the keys of group from[k] to group to[k], telling each of the new
// ones to fresh, unless that is nil.
func (f *forest) joinGroups(to, from []int32, fresh func(g int32, key []byte)) {
	f.settle()
	var key []byte
	var stack []int32
	for k, g := range to {
		t := f.roots[from[k]]
		for stack = stack[:0]; t != 0 || len(stack) > 0; {
			for ; t != 0; t = f.nodes[t].left {
				stack = append(stack, t)
			}
			t = stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			key = f.appendKey(key[:0], t)
			copies, right := f.nodes[t].copies, f.nodes[t].right
			if f.addSettled(g, key, copies) == copies && fresh != nil {
				fresh(g, key)
			}
			t = right
		}
	}
}

// clearGroups takes all keys of groups away.
func (f *forest) clearGroups(groups []int32) {
	f.settle()
	for _, g := range groups {
		t := f.roots[g]
		f.roots[g] = 0
		for f.path = f.path[:0]; t != 0 || len(f.path) > 0; {
			if t == 0 {
				t = f.path[len(f.path)-1]
				f.path = f.path[:len(f.path)-1]
			}
			n := &f.nodes[t]
			if n.right != 0 {
				f.path = append(f.path, n.right)
			}
			left := n.left
			f.release(t)
			t = left
		}
	}
}
