package agg

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// pendingKeys are keys that have been put into a forest and have no place yet.
type pendingKeys struct {
	keys  []pendingKey
	arena []byte // of what follows their prefixes
	sort  []pendingKey
	ends  []int32 // of each group in sort
	line  []int32 // nodes in order
	old   []int32 // those that were there
	key   []byte
}

type pendingKey struct {
	prefix uint64
	rest   int // where the other bytes stand in the arena
	len    int32
	group  int32
}

func (p *pendingKeys) reset() { p.keys, p.arena = p.keys[:0], p.arena[:0] }

func (p *pendingKeys) bytes() int64 {
	return int64(24*(cap(p.keys)+cap(p.sort)) + cap(p.arena) + 4*cap(p.ends) + 4*cap(p.line) + 4*cap(p.old) + cap(p.key))
}

// tail returns what follows the prefix of a key; nothing when it is all.
func (p *pendingKeys) tail(k *pendingKey) []byte {
	return p.arena[k.rest : k.rest+max(0, int(k.len)-prefixLen)]
}

func (p *pendingKeys) compare(a, b pendingKey) int {
	if a.prefix != b.prefix {
		return cmp.Compare(a.prefix, b.prefix)
	}
	if a.len > prefixLen && b.len > prefixLen {
		if c := bytes.Compare(p.tail(&a), p.tail(&b)); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.len, b.len)
}

// whole returns a key, good until the next.
func (p *pendingKeys) whole(k *pendingKey) []byte {
	p.key = binary.BigEndian.AppendUint64(p.key[:0], k.prefix)
	if k.len <= prefixLen {
		p.key = p.key[:k.len]
		return p.key
	}
	p.key = append(p.key, p.tail(k)...)
	return p.key
}

// pendingLeast is how many keys may wait in any case. More may as long as they
// are fewer than those that have their place, so that keys which come over and
// over take no more memory than twice that of the different ones.
const pendingLeast = 1 << 12

// put adds a copy of key to group g.
func (f *forest) put(g int32, key []byte) {
	p := &f.pending
	if len(p.keys) >= max(pendingLeast, len(f.nodes)) {
		f.settle()
	}
	k := pendingKey{prefix: textPrefix(key), rest: len(p.arena), len: int32(len(key)), group: g}
	if len(key) > prefixLen {
		p.arena = append(p.arena, key[prefixLen:]...)
	}
	p.keys = append(p.keys, k)
}

// fewPending are so few keys that they are added one by one.
const fewPending = 16

// settle gives all keys their places.
func (f *forest) settle() {
	p := &f.pending
	switch {
	case len(p.keys) == 0:
		return
	case len(p.keys) <= fewPending:
		for i := range p.keys {
			f.addSettled(p.keys[i].group, p.whole(&p.keys[i]), 1)
		}
	default:
		f.settleGroups()
	}
	p.reset()
}

func (f *forest) settleGroups() {
	p := &f.pending
	if len(p.keys)*4 < len(f.roots) { // too few to look at every group
		p.sort = append(p.sort[:0], p.keys...)
		slices.SortStableFunc(p.sort, func(a, b pendingKey) int { return cmp.Compare(a.group, b.group) })
		for from := 0; from < len(p.sort); {
			to := from + 1
			for to < len(p.sort) && p.sort[to].group == p.sort[from].group {
				to++
			}
			f.settleGroup(p.sort[from].group, p.sort[from:to])
			from = to
		}
		return
	}
	p.ends = append(p.ends[:0], make([]int32, len(f.roots)+1)...)
	for i := range p.keys {
		p.ends[p.keys[i].group+1]++
	}
	for g := range f.roots {
		p.ends[g+1] += p.ends[g]
	}
	p.sort = slices.Grow(p.sort[:0], len(p.keys))[:len(p.keys)]
	for _, k := range p.keys {
		p.sort[p.ends[k.group]] = k
		p.ends[k.group]++
	}
	from := int32(0)
	for g := range f.roots {
		if to := p.ends[g]; to > from {
			f.settleGroup(int32(g), p.sort[from:to])
			from = to
		}
	}
}

// settleGroup adds keys to group g: one by one when they are few beside what is
// there, else by building its tree anew.
func (f *forest) settleGroup(g int32, keys []pendingKey) {
	p := &f.pending
	if int64(len(keys))*4 < f.totalOf(f.roots[g]) {
		for i := range keys {
			f.addSettled(g, p.whole(&keys[i]), 1)
		}
		return
	}
	if !slices.IsSortedFunc(keys, p.compare) {
		slices.SortFunc(keys, p.compare)
	}
	old := f.inOrder(g)
	f.path = f.path[:0]
	line := p.line[:0]
	for i := 0; i < len(keys); {
		k := &keys[i]
		for len(old) > 0 && f.compareNode(old[0], k) < 0 {
			line, old = append(line, old[0]), old[1:]
		}
		copies := 1
		for i+copies < len(keys) && p.compare(keys[i], keys[i+copies]) == 0 {
			copies++
		}
		if len(old) > 0 && f.compareNode(old[0], k) == 0 {
			f.nodes[old[0]].copies += int64(copies)
		} else {
			line = append(line, f.alloc(k.prefix, p.whole(k), int64(copies)))
		}
		i += copies
	}
	line = append(line, old...)
	f.roots[g] = f.build(line)
	p.line = line
}

// compareNode orders the key of a node and one that is pending.
func (f *forest) compareNode(t int32, k *pendingKey) int {
	n := &f.nodes[t]
	if n.prefix != k.prefix {
		return cmp.Compare(n.prefix, k.prefix)
	}
	if n.len > prefixLen && k.len > prefixLen {
		if c := bytes.Compare(f.tail(n), f.pending.tail(k)); c != 0 {
			return c
		}
	}
	return cmp.Compare(n.len, k.len)
}

// inOrder returns the nodes of group g in order, good until the next.
func (f *forest) inOrder(g int32) []int32 {
	f.pending.old = f.pending.old[:0]
	f.walkSettled(g, func(t int32) bool {
		f.pending.old = append(f.pending.old, t)
		return true
	})
	return f.pending.old
}

// build makes a tree of nodes in order and returns its root. The path is the
// right edge of the tree so far: a node goes under the last one of higher
// priority, and what it takes the place of becomes its left side.
func (f *forest) build(line []int32) int32 {
	f.path = f.path[:0]
	for _, t := range line {
		left := int32(0)
		for k := len(f.path); k > 0 && priority(f.path[k-1]) < priority(t); k-- {
			left = f.path[k-1]
			f.fix(left)
			f.path = f.path[:k-1]
		}
		f.nodes[t].left, f.nodes[t].right = left, 0
		if k := len(f.path); k > 0 {
			f.nodes[f.path[k-1]].right = t
		}
		f.path = append(f.path, t)
	}
	f.fixPath()
	return f.path[0]
}
