package operators

// tree has slices put together beforehand: a node for each stretch of 2^level cells
// of the grid that begins at a multiple of that, where somebody has asked for it. A
// window of n slices is put together from about 2 log2 n nodes.
type tree struct {
	nodes map[nodeID]*keyCells
	top   int // the highest level that has had a node
}

// nodeID tells a node: the cells [index, index+1) * 2^level.
type nodeID struct {
	level int
	index int64
}

// fewSlices are put together one by one: so many are no work.
const fewSlices = 4

// covers reports whether a node has the slices of a cell.
func (t *tree) covers(cell int64) bool {
	for level := 1; level <= t.top; level++ {
		if t.nodes[nodeID{level, cell >> level}] != nil {
			return true
		}
	}
	return false
}

// put lists in s.parts what the window [start, end) is put together from.
func (s *Sliced) put(start, end int64) []*keyCells {
	s.parts = s.parts[:0]
	from, to := s.within(start, end)
	if to-from <= 2*fewSlices {
		s.single(from, to)
		return s.parts
	}
	// Cells are whole but for the last one, of which only some slices may be in it.
	first, last := s.cfg.Grid.Cell(start), s.cfg.Grid.Cell(end)
	rest := to
	for rest > from && s.slices[rest-1].Cell >= last {
		rest--
	}
	for cell := first; cell < last && from < rest; {
		level := 0 // of the longest stretch of cells that begins here and ends in time
		for cell&(1<<(level+1)-1) == 0 && cell+1<<(level+1) <= last && level < 40 {
			level++
		}
		n := s.slicesOf(from, rest, cell+1<<level)
		s.stretch(nodeID{level, cell >> level}, from, from+n)
		from, cell = from+n, cell+1<<level
	}
	s.single(rest, to)
	return s.parts
}

// slicesOf returns how many of the slices [from, to) lie in cells before end.
func (s *Sliced) slicesOf(from, to int, end int64) int {
	lo, hi := from, to
	for lo < hi {
		if m := int(uint(lo+hi) >> 1); s.slices[m].Cell >= end {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo - from
}

// single lists slices one by one.
func (s *Sliced) single(from, to int) {
	for _, p := range s.slices[from:to] {
		s.parts = append(s.parts, &p.keyCells)
	}
}

// stretch lists what the slices [from, to), which are all of a node's cells, are
// put together from: the node, unless they are few. Where rows are still to be
// expected there is none.
func (s *Sliced) stretch(id nodeID, from, to int) {
	switch {
	case to-from <= fewSlices || id.level == 0:
		s.single(from, to)
	case s.tree.nodes[id] != nil || s.slices[to-1].End <= s.wm:
		s.parts = append(s.parts, s.node(id, from, to))
	default:
		s.halves(id, from, to)
	}
}

// halves lists the two halves of a stretch.
func (s *Sliced) halves(id nodeID, from, to int) {
	left := nodeID{id.level - 1, 2 * id.index}
	middle := from + s.slicesOf(from, to, (left.index+1)<<left.level)
	s.stretch(left, from, middle)
	s.stretch(nodeID{left.level, left.index + 1}, middle, to)
}

// node returns a node, which has the slices [from, to), and makes it when it is not
// there.
func (s *Sliced) node(id nodeID, from, to int) *keyCells {
	if n := s.tree.nodes[id]; n != nil {
		return n
	}
	outer := len(s.parts)
	s.halves(id, from, to)
	n := &keyCells{}
	for _, part := range s.parts[outer:] {
		for k, key := range part.keys {
			place := n.place(key)
			if place < 0 {
				place = n.add(key, s.cells.alloc())
			}
			s.joins.add(n.cells[place], part.cells[k])
		}
		s.cells.join(&s.joins)
	}
	s.parts = s.parts[:outer]
	for _, p := range s.slices[from:to] {
		p.inTree = true
	}
	if s.tree.nodes == nil {
		s.tree.nodes = map[nodeID]*keyCells{}
	}
	s.tree.nodes[id] = n
	s.tree.top = max(s.tree.top, id.level)
	return n
}

// addToTree adds row r of a key to the nodes that have a slice.
func (s *Sliced) addToTree(p *slice, key, r int32) {
	for level := 1; level <= s.tree.top; level++ {
		n := s.tree.nodes[nodeID{level, p.Cell >> level}]
		if n == nil {
			continue
		}
		place := n.place(key)
		if place < 0 {
			place = n.add(key, s.cells.alloc())
		}
		s.pending.add(n.cells[place], r)
	}
}

// dropNodes takes away the nodes that have none but the first n slices.
func (s *Sliced) dropNodes(n int) {
	if len(s.tree.nodes) == 0 {
		return
	}
	for _, p := range s.slices[:n] {
		for level := 1; level <= s.tree.top; level++ {
			id := nodeID{level, p.Cell >> level}
			node := s.tree.nodes[id]
			if node == nil || n < len(s.slices) && s.slices[n].Cell>>level == id.index {
				continue
			}
			s.cells.release(node.cells)
			delete(s.tree.nodes, id)
		}
	}
}

func (t *tree) bytes() int64 {
	total := int64(0)
	for _, n := range t.nodes {
		total += 128 + n.bytes()
	}
	return total
}
