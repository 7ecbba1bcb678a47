package operators

import (
	"tidemark/operators/agg"
	"tidemark/operators/data"
)

// cells are accumulators: one for each key of a slice, and for each key of what has
// been put together from slices. They are numbered from 1 and come and go.
type cells struct {
	calls  []AggregateCall
	aggs   []agg.Regrouper
	n      int // greater than any number that was given
	free   []int32
	counts []int64 // rows of each, of an updating input; nil otherwise
}

func newCells(calls []AggregateCall, updating bool) cells {
	c := cells{calls: calls, n: 1}
	if updating {
		c.counts = make([]int64, 1)
	}
	for _, call := range calls {
		c.aggs = append(c.aggs, call.Func.New().(agg.Regrouper))
	}
	return c
}

// subtracts reports whether cells can be taken out of others.
func (c *cells) subtracts() bool {
	for _, a := range c.aggs {
		if _, ok := a.(agg.Subtracter); !ok {
			return false
		}
	}
	return true
}

// alloc returns an empty cell.
func (c *cells) alloc() int32 {
	if k := len(c.free); k > 0 {
		id := c.free[k-1]
		c.free = c.free[:k-1]
		return id
	}
	c.n++
	if c.counts != nil {
		c.counts = append(c.counts, 0)
	}
	return int32(c.n - 1)
}

// release takes cells back.
func (c *cells) release(ids []int32) {
	if len(ids) == 0 {
		return
	}
	for _, a := range c.aggs {
		a.Resize(c.n)
		a.Clear(ids)
	}
	if c.counts != nil {
		for _, id := range ids {
			c.counts[id] = 0
		}
	}
	c.free = append(c.free, ids...)
}

// update adds rows of a batch to cells, or takes them back where they say so.
func (c *cells) update(b *data.Batch, to, rows []int32, p *pendingRows) {
	if c.counts == nil {
		for i := range c.calls {
			c.aggs[i].Resize(c.n)
			to, kept := p.args.filter(&c.calls[i], b, to, rows)
			c.aggs[i].Update(to, kept, p.args.of(&c.calls[i], b))
		}
		return
	}
	p.signed.split(b, to, rows)
	for _, id := range p.signed.addTo {
		c.counts[id]++
	}
	for _, id := range p.signed.takeTo {
		c.counts[id]--
	}
	for i := range c.calls {
		c.aggs[i].Resize(c.n)
		p.signed.apply(&c.calls[i], c.aggs[i], &p.args, b, to, rows)
	}
}

// joins are cells to be added to others, or taken out of them.
type joins struct{ to, from []int32 }

func (j *joins) add(to, from int32) { j.to, j.from = append(j.to, to), append(j.from, from) }

// join does what j lists and empties it.
func (c *cells) join(j *joins) {
	for _, a := range c.aggs {
		a.Resize(c.n)
		a.Join(j.to, j.from)
	}
	if c.counts != nil {
		for k, to := range j.to {
			c.counts[to] += c.counts[j.from[k]]
		}
	}
	j.to, j.from = j.to[:0], j.from[:0]
}

// subtract takes cells out of others and empties j.
func (c *cells) subtract(j *joins) {
	for _, a := range c.aggs {
		a.Resize(c.n)
		a.(agg.Subtracter).Subtract(j.to, j.from)
	}
	if c.counts != nil {
		for k, to := range j.to {
			c.counts[to] -= c.counts[j.from[k]]
		}
	}
	j.to, j.from = j.to[:0], j.from[:0]
}

// results appends the results of cells to the columns of b from first on. On an
// error bad is the first cell whose result of a call cannot be had, and the columns
// are of different lengths.
func (c *cells) results(cols []*data.Vector, ids []int32) (bad, call int, err error) {
	for i, a := range c.aggs {
		a.Resize(c.n)
		if bad, err = a.Append(cols[i], ids); err != nil {
			return bad, i, err
		}
	}
	return 0, 0, nil
}

// present reports whether a cell that something has been added to has rows.
func (c *cells) present(id int32) bool { return c.counts == nil || c.counts[id] > 0 }

func (c *cells) bytes() int64 {
	total := int64(4*cap(c.free) + 8*cap(c.counts))
	for _, a := range c.aggs {
		total += a.Bytes()
	}
	return total
}

// keyCells has a cell for each of some keys.
type keyCells struct {
	keys, cells []int32
	slots       []int32 // place in keys + 1, by a hash of the key; 0 is free
	shift       uint    // 32 - log2(len(slots))
}

// minKeySlots is the number of slots to begin with.
const minKeySlots, minKeySlotsLog = 8, 3

func keySlot(key int32, shift uint) uint32 { return uint32(key) * 0x9E3779B1 >> shift }

// place returns the place of a key among keys and cells, -1 when it has no cell.
func (m *keyCells) place(key int32) int {
	if len(m.slots) == 0 {
		return -1
	}
	mask := uint32(len(m.slots) - 1)
	for i := keySlot(key, m.shift); ; i = (i + 1) & mask {
		p := m.slots[i] - 1
		if p < 0 || m.keys[p] == key {
			return int(p)
		}
	}
}

// cell returns the cell of a key, 0 when it has none.
func (m *keyCells) cell(key int32) int32 {
	if p := m.place(key); p >= 0 {
		return m.cells[p]
	}
	return 0
}

// add gives a cell to a key that has none, and returns its place.
func (m *keyCells) add(key, cell int32) int {
	m.keys, m.cells = append(m.keys, key), append(m.cells, cell)
	if len(m.keys)*4 > len(m.slots)*3 {
		m.index(max(minKeySlots, 2*len(m.slots)))
	} else {
		m.put(int32(len(m.keys)))
	}
	return len(m.keys) - 1
}

// put enters the key at a place, counted from 1, into the slots.
func (m *keyCells) put(place int32) {
	mask := uint32(len(m.slots) - 1)
	i := keySlot(m.keys[place-1], m.shift)
	for m.slots[i] != 0 {
		i = (i + 1) & mask
	}
	m.slots[i] = place
}

// index enters all keys into n new slots, a power of two.
func (m *keyCells) index(n int) {
	m.slots = make([]int32, n)
	m.shift = 32
	for ; n > 1; n /= 2 {
		m.shift--
	}
	for k := range m.keys {
		m.put(int32(k + 1))
	}
}

// reset forgets the keys and keeps some of the memory.
func (m *keyCells) reset() {
	m.keys, m.cells = m.keys[:0], m.cells[:0]
	if len(m.slots) > 1<<12 { // or the next keys, perhaps few, would pay for them
		m.slots = nil
	}
	clear(m.slots)
}

func (m *keyCells) bytes() int64 { return int64(4 * (cap(m.keys) + cap(m.cells) + cap(m.slots))) }
