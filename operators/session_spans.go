package operators

// span is a session while it is open or kept. Of an updating input each session
// has instants, which are spans too: see instants. Spans lie in one slice and are
// known by their place in it; 0 is none. The accumulators of a span are those of
// the aggregates' group with its number.
type span struct {
	first, last int64 // times of the first and the last row
	key         int32 // id of the key, or one of the following
	left, right int32 // trees: of a key's newest session, left are all older ones
	timer       int32 // link of the timers
}

// Keys of spans that are not sessions.
const (
	endedSpan   = -1 // free, or to be freed when its timer is due
	instantSpan = -2
)

// marks say how a session stands to the result.
type marks uint8

const (
	shown  marks = 1 << iota // its row is in the result as it would be now
	stale                    // an earlier row of it is in the result: of EMIT EVERY only
	closed                   // it was closed when it was looked at last
)

// spans hold trees of spans in order of their first rows. Each is a treap whose
// priorities are scrambled numbers (R. Seidel and C. R. Aragon, "Randomized Search
// Trees", 1996), so that any order of arrival leaves it shallow. Trees are named by
// their root; a method that changes one returns the new root.
type spans []span

// priority is a fixed scramble of a span's number.
func priority(id int32) uint32 {
	x := uint32(id) * 0x9E3779B1
	return (x ^ x>>15) * 0x85EBCA6B
}

// join makes one tree of two, of which a has the earlier spans.
func (s spans) join(a, b int32) int32 {
	switch {
	case a == 0:
		return b
	case b == 0:
		return a
	case priority(a) > priority(b):
		s[a].right = s.join(s[a].right, b)
		return a
	}
	s[b].left = s.join(a, s[b].left)
	return b
}

// split makes two trees of one: of what begins before at, and of the rest.
func (s spans) split(root int32, at int64) (before, rest int32) {
	if root == 0 {
		return 0, 0
	}
	if s[root].first < at {
		s[root].right, rest = s.split(s[root].right, at)
		return root, rest
	}
	before, s[root].left = s.split(s[root].left, at)
	return before, root
}

// insert adds span id, which is in no tree.
func (s spans) insert(root, id int32) int32 {
	at, own := s[id].first, priority(id)
	link := &root
	for *link != 0 && priority(*link) >= own {
		if p := &s[*link]; at < p.first {
			link = &p.left
		} else {
			link = &p.right
		}
	}
	if *link == 0 {
		s[id].left, s[id].right = 0, 0
	} else {
		s[id].left, s[id].right = s.split(*link, at)
	}
	*link = id
	return root
}

// append adds span id, which is in no tree and later than all of this one.
func (s spans) append(root, id int32) int32 {
	own, link := priority(id), &root
	for *link != 0 && priority(*link) >= own {
		link = &s[*link].right
	}
	s[id].left, s[id].right = *link, 0
	*link = id
	return root
}

// remove takes span id out of the tree that it is in.
func (s spans) remove(root, id int32) int32 {
	at := s[id].first
	link := &root
	for *link != id {
		if p := &s[*link]; at < p.first {
			link = &p.left
		} else {
			link = &p.right
		}
	}
	*link = s.join(s[id].left, s[id].right)
	return root
}

// around returns the last span that begins at or before a time, and the first one
// after it; 0 for those that are not there.
func (s spans) around(root int32, at int64) (before, after int32) {
	for root != 0 {
		if s[root].first <= at {
			before, root = root, s[root].right
		} else {
			after, root = root, s[root].left
		}
	}
	return before, after
}

// end returns the last span of a tree that is not empty.
func (s spans) end(root int32) int32 {
	for s[root].right != 0 {
		root = s[root].right
	}
	return root
}

// list appends the spans of a tree in order.
func (s spans) list(root int32, ids []int32) []int32 {
	if root == 0 {
		return ids
	}
	ids = append(s.list(s[root].left, ids), root)
	return s.list(s[root].right, ids)
}

// near returns of a key's sessions the last that begins at or before a time, and
// the first after it, where a row at that time would be no more than a gap away;
// else 0. newest is the key's newest session.
func (s *Session) near(newest int32, at int64) (before, after int32) {
	sp := s.spans
	if newest == 0 {
		return 0, 0
	}
	if sp[newest].first <= at {
		before = newest
	} else if before, after = sp.around(sp[newest].left, at); after == 0 {
		after = newest
	}
	if before != 0 && sp[before].last < at && s.apart(sp[before].last, at) {
		before = 0
	}
	if after != 0 && s.apart(at, sp[after].first) {
		after = 0
	}
	return before, after
}

// apart reports whether more than a gap lies between two times, the second of
// which is not before the first.
func (s *Session) apart(from, to int64) bool { return uint64(to)-uint64(from) > uint64(s.cfg.Gap) }

// link puts session id among those of its key.
func (s *Session) link(id int32) {
	sp := s.spans
	newest := &s.newest[sp[id].key]
	switch {
	case *newest == 0:
		sp[id].left, sp[id].right = 0, 0
		*newest = id
		s.quiet--
	case sp[id].first > sp[*newest].first:
		older := sp[*newest].left
		older = sp.append(older, *newest)
		sp[id].left, sp[id].right = older, 0
		*newest = id
	default:
		sp[*newest].left = sp.insert(sp[*newest].left, id)
	}
}

// unlink takes session id out of those of its key.
func (s *Session) unlink(id int32) {
	sp := s.spans
	newest := &s.newest[sp[id].key]
	if *newest != id {
		sp[*newest].left = sp.remove(sp[*newest].left, id)
		return
	}
	older := sp[id].left
	if *newest = 0; older == 0 {
		s.quiet++
		return
	}
	last := sp.end(older)
	older = sp.remove(older, last)
	sp[last].left, sp[last].right = older, 0
	*newest = last
}
