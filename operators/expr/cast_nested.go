package expr

import "tidemark/operators/data"

// castableNested is castable for casts that have an ARRAY, MAP or ROW on both
// sides: the parts are cast, those of a ROW by their places.
func castableNested(from, to data.Type) (safe, ok bool) {
	f, t := partTypes(from), partTypes(to)
	if from.Kind != to.Kind || len(f) != len(t) {
		return false, false
	}
	safe = true
	for i := range f {
		s, ok := castable(f[i], t[i])
		if !ok {
			return false, false
		}
		safe = safe && s
	}
	return safe, true
}

// jsonKernel writes values as JSON documents.
func jsonKernel() kernel {
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		return data.AppendJSON(to, f.args[0], f.args[0].Index(i)), nil
	})
}

// fromJSONKernel reads values from JSON documents, where null is NULL.
func fromJSONKernel(t data.Type, try bool) kernel {
	parser := data.NewJSONParser(t, nil)
	return valueRows(t, func(f *frame, i int, one *data.Vector) error {
		if err := parser.Append(one, f.text(0, i)); err != nil && !try {
			return err
		}
		return nil
	})
}

// partsCast casts the parts of nested values: the elements of an ARRAY, the keys
// and the values of a MAP, each field of a ROW. The parts of all rows of a frame
// are cast as one vector.
type partsCast struct {
	from, to data.Type
	try      bool
	parts    []partCast // empty for a ROW without fields
	entries  data.MapBuilder
	bad      []bool // with try: the rows that have no value
	assemble kernel // runs join for each row
}

type partCast struct {
	typ     data.Type // before the cast
	batch   data.Batch
	program *Program
	out     data.Vector
	rows    []int32 // the row of each part
	next    int     // the part that comes next when the values are put together
}

func partsCastKernel(from, to data.Type, try bool) kernel {
	c := &partsCast{from: from, to: to, try: try}
	f, t := partTypes(from), partTypes(to)
	c.parts = make([]partCast, len(f))
	for i := range f {
		p := &c.parts[i]
		p.typ = f[i]
		p.batch.Cols = []*data.Vector{{}}
		x := Expr(NewColumn(0, "", f[i], spanOf(nil)))
		if f[i] != t[i] {
			x = &Cast{X: x, To: t[i], Try: try}
		}
		p.program = Compile(x)
	}
	c.assemble = textRows(c.join)
	return c.run
}

func (c *partsCast) run(f *frame) error {
	for i := range c.parts {
		p := &c.parts[i]
		p.batch.Cols[0].Reset(p.typ)
		p.rows, p.next = p.rows[:0], 0
	}
	if err := f.each(func(i int) error { c.split(f, i); return nil }, func() {}); err != nil {
		return err
	}
	if c.try {
		c.bad = (&nullBuf{c.bad}).clear(f.n)
	}
	if err := c.castParts(f); err != nil {
		return err
	}
	return c.assemble(f)
}

// split adds the parts of row i to the vectors that are cast.
func (c *partsCast) split(f *frame, i int) {
	e := f.elements(0, i)
	for k := 0; e.Next(); k++ {
		p := &c.parts[k%len(c.parts)]
		e.Append(p.batch.Cols[0])
		p.rows = append(p.rows, int32(i))
	}
}

// castParts fails for the first row that has a part without a value.
func (c *partsCast) castParts(f *frame) error {
	var first error
	row := f.n
	for i := range c.parts {
		p := &c.parts[i]
		in := p.batch.Cols[0]
		p.batch.N = in.Len()
		if p.batch.N == 0 {
			continue
		}
		if err := p.program.Eval(&p.batch, nil, &p.out); err != nil {
			re, ok := err.(*RowError)
			if !ok {
				return err
			}
			if at := int(p.rows[re.Row]); at < row {
				row, first = at, re.Err
			}
			continue
		}
		if c.try {
			for k, r := range p.rows {
				c.bad[r] = c.bad[r] || p.out.IsNull(k) && !in.IsNull(k)
			}
		}
	}
	if first != nil {
		return f.fail(row, first)
	}
	return nil
}

// join puts row i together of its parts.
func (c *partsCast) join(f *frame, i int, to []byte) ([]byte, error) {
	whole, n, isComplete := len(to), data.CountElements(c.from, f.text(0, i)), true
	switch c.to.Kind {
	case data.Map:
		c.entries.Reset()
		keys, values := &c.parts[0], &c.parts[1]
		for range n {
			k, v := keys.take(), values.take()
			isComplete = c.entries.Add(&keys.out, k, &values.out, v) && isComplete
		}
		to = c.entries.AppendTo(to)
	case data.Array:
		for range n {
			to = data.AppendElement(to, &c.parts[0].out, c.parts[0].take())
		}
		to = data.EndArray(to)
	default:
		for k := range n {
			to = data.AppendElement(to, &c.parts[k].out, c.parts[k].take())
		}
	}
	switch {
	case c.try && (c.bad[i] || !isComplete):
		f.setNull(i)
		return to[:whole], nil
	case !isComplete:
		return to, errNullKey
	}
	return to, nil
}

// take returns the place of the next part.
func (p *partCast) take() int {
	p.next++
	return p.next - 1
}
