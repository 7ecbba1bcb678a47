package operators

// LimitText makes the aggregate emit batches of more text than n bytes.
func (a *Aggregate) LimitText(n int64) { a.out.mostText = n }

// LimitText makes the sessions emit batches of more text than n bytes.
func (s *Session) LimitText(n int64) { s.out.mostText = n }

// CompactOften makes the sessions move to new memory when more than n keys or
// spans, and most of them, are unused.
func (s *Session) CompactOften(n int) { s.fewUnused = n }

// Room returns how many sessions and keys there is room for, and how many of these
// places are free.
func (s *Session) Room() (spans, free, keys, quiet int) {
	return len(s.spans) - 1, len(s.free), s.table.Len(), s.quiet
}

// KeyBytes returns the part of Bytes that is the table of keys.
func (s *Session) KeyBytes() int64 { return s.table.Bytes() }

// LimitText makes the aggregate emit batches of more text than n bytes.
func (s *Sliced) LimitText(n int64) { s.out.mostText = n }

// CompactOften makes the aggregate move to new memory when more than n keys or
// cells, and most of them, are unused.
func (s *Sliced) CompactOften(n int) { s.fewUnused = n }

// Room returns how many cells and keys there is room for, and how many of these
// places are free.
func (s *Sliced) Room() (cells, free, keys, unused int) {
	return s.cells.n - 1, len(s.cells.free), s.table.Len(), s.unused
}

// Nodes returns how many nodes the tree of slices has, and of how many slices.
func (s *Sliced) Nodes() (nodes, slices int) { return len(s.tree.nodes), len(s.slices) }

// Cached returns how many keys and rows are kept of what was found.
func (j *LookupJoin) Cached() (keys, rows int) {
	for _, g := range []*foundRows{j.cache.now, j.cache.old} {
		if g != nil {
			keys, rows = keys+len(g.known), rows+g.store.n
		}
	}
	return keys, rows
}

// CachedBytes estimates the memory that they take.
func (j *LookupJoin) CachedBytes() int64 {
	bytes := j.cache.now.bytes()
	if j.cache.old != nil {
		bytes += j.cache.old.bytes()
	}
	return bytes
}
