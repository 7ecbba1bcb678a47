package operators

import (
	"sort"

	"tidemark/operators/data"
)

// overList is the rows of partitions at which a call looks when these are not all
// that are kept: those whose value is not NULL, or the first few, which stay when
// the others are gone.
type overList struct {
	store *rowTable // of the one column of the value
	most  int64     // rows of a partition, from its first on; 0 is all
	nulls bool      // rows whose value is NULL are among them
	parts []queue[listed]
	one   [1]int32
}

// listed is a row by its position in the partition and its value's number.
type listed struct {
	pos int64
	id  int32
}

func newOverList(t data.Type, most int64, nulls bool) *overList {
	return &overList{store: newRowTable([]data.Type{t}), most: most, nulls: nulls}
}

func (l *overList) grow(n int) {
	for len(l.parts) < n {
		l.parts = append(l.parts, queue[listed]{})
	}
}

// find returns the index of the first row of a partition at or behind pos.
func (l *overList) find(part int32, pos int64) int {
	list := l.parts[part].all()
	if n := len(list); n == 0 || list[n-1].pos < pos { // nearly always behind all
		return n
	}
	return sort.Search(len(list), func(i int) bool { return list[i].pos >= pos })
}

// insert adds the row at pos, whose value is row r of v, and moves those behind it.
func (l *overList) insert(part int32, pos int64, v *data.Vector, r int) error {
	list := l.parts[part].all()
	i := l.find(part, pos)
	for k := i; k < len(list); k++ {
		list[k].pos++
	}
	if v.IsNull(r) && !l.nulls || l.most > 0 && int64(len(list)) >= l.most {
		return nil
	}
	l.one[0] = int32(r)
	id, err := l.store.add([]*data.Vector{v}, l.one[:])
	if err != nil {
		return err
	}
	l.parts[part].insert(i, listed{pos, id})
	return nil
}

// remove takes the row at pos back.
func (l *overList) remove(part int32, pos int64) {
	list := l.parts[part].all()
	i := l.find(part, pos)
	if i < len(list) && list[i].pos == pos {
		l.store.drop(list[i].id)
		l.parts[part].remove(i)
		list = l.parts[part].all()
	}
	for ; i < len(list); i++ {
		list[i].pos--
	}
}

// cut forgets the first n rows of a partition.
func (l *overList) cut(part int32, n int) {
	for _, e := range l.parts[part].all()[:n] {
		l.store.drop(e.id)
	}
	l.parts[part].cut(n)
}

// tidy closes the gaps of the store when they are large, or in any case.
func (l *overList) tidy(always bool) {
	if !always && !l.store.full() || l.store.dead == 0 {
		return
	}
	to := l.store.compact()
	for p := range l.parts {
		list := l.parts[p].all()
		for i := range list {
			list[i].id = to[list[i].id]
		}
	}
}

func (l *overList) save(e *data.Encoder) {
	l.store.save(e)
	for p := range l.parts {
		list := l.parts[p].all()
		e.Uvarint(uint64(len(list)))
		for _, x := range list {
			e.Varint(x.pos)
			e.Uvarint(uint64(x.id))
		}
	}
}

// load reads the rows of n partitions.
func (l *overList) load(d *data.Decoder, n int) {
	l.store.load(d)
	l.grow(n)
	for p := range l.parts {
		before := int64(-1)
		for range d.Count(2) {
			pos, id := d.Varint(), d.Uvarint()
			if pos <= before || !l.store.has(id) {
				d.Fail()
				return
			}
			before = pos
			l.parts[p].push(listed{pos, int32(id)})
		}
	}
}
