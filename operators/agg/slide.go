package agg

import "tidemark/operators/data"

// Moves are rows that leave and enter groups step by step, with a result to be
// read after each: what frames that slide over their rows come to. The zero value
// has no steps.
type Moves struct {
	// Groups has the group of each step. A group may have any number of steps.
	Groups []int32

	taken, added     []int32 // rows of all steps
	takenTo, addedTo []int32 // where the rows of each step end
	takenOf, addedOf []int32 // the group of each row
}

// Reset forgets all steps.
func (m *Moves) Reset() {
	m.Groups = m.Groups[:0]
	m.taken, m.takenTo, m.takenOf = m.taken[:0], m.takenTo[:0], m.takenOf[:0]
	m.added, m.addedTo, m.addedOf = m.added[:0], m.addedTo[:0], m.addedOf[:0]
}

// Take lets the step in the making take a row back from group g, its own.
func (m *Moves) Take(g, row int32) { m.taken, m.takenOf = append(m.taken, row), append(m.takenOf, g) }

// Add lets the step in the making add a row to group g, its own.
func (m *Moves) Add(g, row int32) { m.added, m.addedOf = append(m.added, row), append(m.addedOf, g) }

// End ends the step in the making, whose result is that of group g.
func (m *Moves) End(g int32) {
	m.Groups = append(m.Groups, g)
	m.takenTo = append(m.takenTo, int32(len(m.taken)))
	m.addedTo = append(m.addedTo, int32(len(m.added)))
}

// step returns the rows that step k takes back and adds.
func (m *Moves) step(k int) (taken, added []int32) {
	from, to := int32(0), int32(0)
	if k > 0 {
		from, to = m.takenTo[k-1], m.addedTo[k-1]
	}
	return m.taken[from:m.takenTo[k]], m.added[to:m.addedTo[k]]
}

// Only makes m the steps of all, with those of their rows alone for which a
// BOOLEAN column is true: what FILTER (WHERE …) leaves.
func (m *Moves) Only(cond *data.Vector, all *Moves) {
	m.Reset()
	isTrue := func(r int32) bool { return !cond.IsNull(int(r)) && cond.Bools[cond.Index(int(r))] }
	for k, g := range all.Groups {
		taken, added := all.step(k)
		for _, r := range taken {
			if isTrue(r) {
				m.Take(g, r)
			}
		}
		for _, r := range added {
			if isTrue(r) {
				m.Add(g, r)
			}
		}
		m.End(g)
	}
}

// Slide makes the moves from step from on and appends the result of each step to
// out, which has the type of the aggregate's result. in are the columns that the
// rows are rows of, and their arrivals. s must be a Retracter where a step takes rows back. On an
// error, which says that a result does not fit the type, it returns the step at
// fault, whose moves are made but for which nothing was appended.
func Slide(s State, m *Moves, from int, in Rows, out *data.Vector) (int, error) {
	switch s := s.(type) { // without a call for each step
	case *countState:
		return s.slide(m, from, in, out)
	case *shortSum:
		return s.slide(m, from, in, out)
	case *doubleSum:
		return s.slide(m, from, in, out)
	}
	start, startAdded := int32(0), int32(0)
	if from > 0 {
		start, startAdded = m.takenTo[from-1], m.addedTo[from-1]
	}
	for k := from; k < len(m.Groups); k++ {
		if to := m.takenTo[k]; to > start {
			s.(Retracter).Retract(m.takenOf[start:to], m.taken[start:to], in)
			start = to
		}
		if to := m.addedTo[k]; to > startAdded {
			s.Update(m.addedOf[startAdded:to], m.added[startAdded:to], in)
			startAdded = to
		}
		if _, err := s.Append(out, m.Groups[k:k+1]); err != nil {
			return k, err
		}
	}
	return len(m.Groups), nil
}

// Apply makes all moves without reading a result.
func Apply(s State, m *Moves, in Rows) {
	if len(m.taken) > 0 {
		s.(Retracter).Retract(m.takenOf, m.taken, in)
	}
	if len(m.added) > 0 {
		s.Update(m.addedOf, m.added, in)
	}
}
