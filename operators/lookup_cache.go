package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/state"
)

// lookupCache keeps what was found by key, in two generations: when the one in use
// has grown to half of what is allowed it becomes the old one, from which what is
// asked for again is taken over; the old one before it is forgotten.
type lookupCache struct {
	types   []data.Type // of the keys
	columns []data.Type // of the rows
	key     []int       // their places in the rows
	now     *foundRows
	old     *foundRows // may be nil
	asked   []int32    // keys of the batch in hand
	id      [1]int32
	row     [1]int32
	hashes  []uint64
}

// foundRows are the rows that were found for keys.
type foundRows struct {
	keys  *state.KeyTable
	known []foundKey // by the key's id
	store *rowTable
	next  []int32 // the next row of the same key, -1 at its end
}

// foundKey is a key that was asked for.
type foundKey struct {
	at          int64 // when, in microseconds since 1970
	first, last int32 // of its rows, -1 for none
	asked       bool  // in the batch in hand, and not answered yet
}

func (c *lookupCache) begin() {
	c.now = &foundRows{keys: state.NewKeyTable(c.types), store: newRowTable(c.columns)}
}

// bytes estimates the memory held.
func (g *foundRows) bytes() int64 {
	return g.keys.Bytes() + g.store.bytes() + 24*int64(cap(g.known)) + 4*int64(cap(g.next))
}

// hash hashes the key in a row of cols into c.hashes.
func (c *lookupCache) hash(cols []*data.Vector, row int32) uint64 {
	if n := int(row) + 1; cap(c.hashes) < n {
		c.hashes = make([]uint64, 2*n)
	}
	c.row[0], c.hashes = row, c.hashes[:cap(c.hashes)]
	state.HashRows(cols, c.row[:], len(c.hashes), c.hashes)
	return c.hashes[row]
}

// find returns the id of the key in a row of cols, in the generation in use.
func (c *lookupCache) find(cols []*data.Vector, row int32) int32 {
	c.hash(cols, row)
	c.now.keys.FindOrAdd(cols, c.hashes, c.row[:], c.id[:])
	for len(c.now.known) < c.now.keys.Len() {
		c.now.known = append(c.now.known, foundKey{at: data.MinTime, first: -1, last: -1})
	}
	return c.id[0]
}

// first returns the first row that was found for the key in row r, -1 for none. What
// there is must be known.
func (c *lookupCache) first(keys *joinKeys, r int32) int32 {
	return c.now.known[c.find(keys.cols, r)].first
}

// missing returns one of rows for each key of theirs that must be asked for.
func (c *lookupCache) missing(keys *joinKeys, rows []int32, now, ttl int64) []int32 {
	var missing []int32
	fresh := func(k foundKey) bool { return k.at != data.MinTime && data.AddTime(k.at, ttl) > now }
	for _, r := range rows {
		if keys.hasNull(r) {
			continue
		}
		id := c.find(keys.cols, r)
		if k := c.now.known[id]; k.asked || fresh(k) {
			continue
		}
		if c.old != nil {
			if was := c.old.keys.Find(keys.cols, c.hashes[r], int(r)); was >= 0 && fresh(c.old.known[was]) {
				c.takeOver(c.old.known[was], id)
				continue
			}
		}
		c.now.known[id] = foundKey{at: now, first: -1, last: -1, asked: true}
		missing, c.asked = append(missing, r), append(c.asked, id)
	}
	return missing
}

// takeOver copies what the old generation knows of a key.
func (c *lookupCache) takeOver(k foundKey, id int32) {
	c.now.known[id] = foundKey{at: k.at, first: -1, last: -1}
	for row := k.first; row >= 0; row = c.old.next[row] {
		for i, v := range c.now.store.cols {
			v.AppendFrom(c.old.store.cols[i], int(row))
		}
		c.now.append(id)
	}
}

// append adds the row whose values have just been appended to those of a key.
func (g *foundRows) append(id int32) {
	row := int32(g.store.n)
	g.store.n++
	g.store.gone = append(g.store.gone, false)
	g.next = append(g.next, -1)
	k := &g.known[id]
	if k.last >= 0 {
		g.next[k.last] = row
	} else {
		k.first = row
	}
	k.last = row
}

// add takes the rows that were found for the keys that were asked for.
func (c *lookupCache) add(found *data.Batch, now int64) error {
	cols := make([]*data.Vector, len(c.key))
	for i, k := range c.key {
		cols[i] = found.Cols[k]
	}
	for r := range found.N {
		id := c.now.keys.Find(cols, c.hash(cols, int32(r)), r)
		if id < 0 || !c.now.known[id].asked {
			continue // a database may have other thoughts of what is equal
		}
		if c.now.store.n == 1<<31-1 {
			return errStateTooLarge
		}
		for i, v := range c.now.store.cols {
			v.AppendFrom(found.Cols[i], r)
		}
		c.now.append(id)
	}
	for _, id := range c.asked {
		c.now.known[id].asked = false
	}
	c.asked = c.asked[:0]
	return nil
}

// rotate begins a new generation when the one in use has grown large, or nothing is
// to be kept.
func (c *lookupCache) rotate(ttl, rows, bytes int64) {
	switch n := int64(max(len(c.now.known), c.now.store.n)); {
	case n == 0:
	case ttl == 0:
		c.begin()
	case rows > 0 && n > rows/2, bytes > 0 && c.now.bytes() > bytes/2:
		c.old = c.now
		c.begin()
	}
}
