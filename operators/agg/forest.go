package agg

import (
	"bytes"
	"cmp"
	"encoding/binary"
)

// forest is an ordered multiset of byte strings for each group. Adding, removing
// and finding a key by its place in the order take logarithmic time.
//
// Keys that are only put, which is most of what windows do, wait to be sorted into
// their group all at once when somebody looks.
//
// Each group is a treap (R. Seidel and C. R. Aragon, "Randomized Search Trees",
// 1996) whose nodes lie in one slice for all groups. The zero value is ready.
type forest struct {
	roots []int32 // of each group; 0 is none
	nodes []treeNode
	free  int32 // list of unused nodes by left; 0 is none
	idle  int   // how many these are
	arena []byte
	used  int // bytes of the arena that belong to a node
	path  []int32
	seek  []byte

	pending pendingKeys
}

// treeNode is a key with its number of copies. Most keys are no longer than their
// prefix.
type treeNode struct {
	prefix      uint64 // the first eight bytes, big-endian, zeros where there are fewer
	rest        int    // where the other bytes stand in the arena
	len         int32  // of the whole key
	left, right int32
	copies      int64
	total       int64 // copies in the tree below and with this node
	most        int64 // most copies of one key in that tree
}

const prefixLen = 8

func (f *forest) resize(n int) { f.roots = extend(f.roots, n, 0) }

func (f *forest) reset() {
	f.roots, f.nodes, f.arena = f.roots[:0], f.nodes[:0], f.arena[:0]
	f.free, f.idle, f.used = 0, 0, 0
	f.pending.reset()
}

func (f *forest) bytes() int64 {
	return int64(4*cap(f.roots)+56*cap(f.nodes)+cap(f.arena)+4*cap(f.path)+cap(f.seek)) + f.pending.bytes()
}

func (f *forest) totalOf(t int32) int64 {
	if t == 0 {
		return 0
	}
	return f.nodes[t].total
}

func (f *forest) mostOf(t int32) int64 {
	if t == 0 {
		return 0
	}
	return f.nodes[t].most
}

// add changes the number of copies of key in group g by d and returns the new
// one. It never falls below 0: there is nothing to be taken from a key that is
// not there.
func (f *forest) add(g int32, key []byte, d int64) int64 {
	f.settle()
	return f.addSettled(g, key, d)
}

func (f *forest) addSettled(g int32, key []byte, d int64) int64 {
	f.path = f.path[:0]
	t := f.roots[g]
	prefix := textPrefix(key)
	for t != 0 {
		f.path = append(f.path, t)
		n := &f.nodes[t]
		c := f.compare(prefix, key, n)
		if c == 0 {
			return f.change(g, t, d)
		}
		if c < 0 {
			t = n.left
		} else {
			t = n.right
		}
	}
	if d <= 0 {
		return 0
	}
	f.insert(g, prefix, key, d)
	return d
}

// compare orders a key, with its prefix, and that of a node.
func (f *forest) compare(prefix uint64, key []byte, n *treeNode) int {
	switch {
	case prefix < n.prefix:
		return -1
	case prefix > n.prefix:
		return 1
	case len(key) > prefixLen && n.len > prefixLen:
		if c := bytes.Compare(key[prefixLen:], f.tail(n)); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(key), int(n.len))
}

// tail returns what follows the prefix of a key that is longer than that.
func (f *forest) tail(n *treeNode) []byte { return f.arena[n.rest : n.rest+int(n.len)-prefixLen] }

// change adds d copies to node t, the last of the path, and returns their number.
func (f *forest) change(g, t int32, d int64) int64 {
	n := &f.nodes[t]
	n.copies = max(0, n.copies+d)
	copies := n.copies
	if copies == 0 {
		f.path = f.path[:len(f.path)-1]
		f.relink(g, t, f.join(n.left, n.right))
		f.release(t)
	}
	f.fixPath()
	return copies
}

// relink puts tree to in the place of node t, whose ancestors are the path.
func (f *forest) relink(g, t, to int32) {
	if len(f.path) == 0 {
		f.roots[g] = to
		return
	}
	p := &f.nodes[f.path[len(f.path)-1]]
	if p.left == t {
		p.left = to
	} else {
		p.right = to
	}
}

func (f *forest) fixPath() {
	for i := len(f.path) - 1; i >= 0; i-- {
		f.fix(f.path[i])
	}
}

// fix works out what node t knows of its tree from its children.
func (f *forest) fix(t int32) {
	n := &f.nodes[t]
	n.total = n.copies + f.totalOf(n.left) + f.totalOf(n.right)
	n.most = max(n.copies, f.mostOf(n.left), f.mostOf(n.right))
}

// priority is a node's place in the heap: any fixed scramble of its number.
func priority(t int32) uint64 { return mix(uint64(t)^mixB, mixA) }

// insert puts a new key below the path and turns it up to its place in the heap.
func (f *forest) insert(g int32, prefix uint64, key []byte, copies int64) {
	t := f.alloc(prefix, key, copies)
	if k := len(f.path); k > 0 {
		p := &f.nodes[f.path[k-1]]
		if f.compare(prefix, key, p) < 0 {
			p.left = t
		} else {
			p.right = t
		}
	} else {
		f.roots[g] = t
	}
	for k := len(f.path); k > 0; k-- {
		p := f.path[k-1]
		if priority(p) >= priority(t) {
			break
		}
		f.path = f.path[:k-1]
		f.relink(g, p, t)
		parent, child := &f.nodes[p], &f.nodes[t]
		if parent.left == t {
			parent.left, child.right = child.right, p
		} else {
			parent.right, child.left = child.left, p
		}
		f.fix(p)
		f.fix(t)
	}
	f.fixPath()
}

// join makes one tree of two, of which a has the lesser keys.
func (f *forest) join(a, b int32) int32 {
	switch {
	case a == 0:
		return b
	case b == 0:
		return a
	case priority(a) > priority(b):
		f.nodes[a].right = f.join(f.nodes[a].right, b)
		f.fix(a)
		return a
	}
	f.nodes[b].left = f.join(a, f.nodes[b].left)
	f.fix(b)
	return b
}

func (f *forest) alloc(prefix uint64, key []byte, copies int64) int32 {
	n := treeNode{prefix: prefix, len: int32(len(key)), copies: copies, total: copies, most: copies}
	if len(key) > prefixLen {
		f.compact()
		n.rest = len(f.arena)
		f.arena = append(f.arena, key[prefixLen:]...)
		f.used += len(key) - prefixLen
	}
	t := f.free
	if t == 0 {
		if len(f.nodes) == 0 {
			f.nodes = append(f.nodes, treeNode{}) // number 0 means none
		}
		f.nodes = append(f.nodes, n)
		return int32(len(f.nodes) - 1)
	}
	f.free = f.nodes[t].left
	f.idle--
	f.nodes[t] = n
	return t
}

func (f *forest) release(t int32) {
	if n := &f.nodes[t]; n.len > prefixLen {
		f.used -= int(n.len) - prefixLen
	}
	f.nodes[t] = treeNode{left: f.free}
	f.free = t
	f.idle++
}

// wasteful reports whether the memory is much more than what the keys need.
func (f *forest) wasteful() bool { return f.idle > 1024 && f.idle > len(f.nodes)/4*3 }

// compact moves the keys to a new arena when most of the old one is unused.
func (f *forest) compact() {
	if len(f.arena) <= 2*f.used+4096 {
		return
	}
	arena := make([]byte, 0, f.used+f.used/2)
	for i := range f.nodes {
		if n := &f.nodes[i]; n.len > prefixLen {
			rest := f.tail(n)
			n.rest = len(arena)
			arena = append(arena, rest...)
		}
	}
	f.arena = arena
}

// appendKey appends the key of a node.
func (f *forest) appendKey(dst []byte, t int32) []byte {
	n := &f.nodes[t]
	if n.len > prefixLen {
		return append(binary.BigEndian.AppendUint64(dst, n.prefix), f.tail(n)...)
	}
	var b [prefixLen]byte
	binary.BigEndian.PutUint64(b[:], n.prefix)
	return append(dst, b[:n.len]...)
}
