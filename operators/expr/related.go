package expr

import (
	"errors"
	"sync"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// Related tests a row against the rows of a subquery that uses columns of it:
// EXISTS (SELECT … WHERE …), and x IN (SELECT y … WHERE …).
//
// What the subquery gives without the row is a table in Cell. Its first columns
// are compared with Keys: only the rows where all are equal are looked at, and
// where a key is NULL none. Of these Where must be TRUE. Then EXISTS is TRUE when
// there is one, and IN what comparing x with y gives: TRUE when they are equal for
// one of them, else NULL when that is not known for one, else FALSE.
//
// The rows are looked at in the order of the table up to the first that makes the
// test TRUE; what fails for one behind it does not fail the row.
type Related struct {
	Keys []Expr
	// Uses is what Where and Same use of the row besides.
	Uses []Expr
	// Where and Same are over the columns of the table with the values of Uses
	// behind them. Same compares x with y; it is nil for EXISTS, and Where is nil
	// when there is no condition but the keys.
	Where, Same Expr
	Cell        *Cell
	Not         bool

	index *relatedIndex
	at    source.Span
}

// NewRelated returns a test whose table a cell will hold.
func NewRelated(r Related, at source.Span) *Related {
	r.index, r.at = &relatedIndex{}, at
	return &r
}

// Type implements Expr.
func (r *Related) Type() data.Type { return data.Of(data.Boolean) }

// Span implements Expr.
func (r *Related) Span() source.Span { return r.at }

// String returns the test with the subquery as it is written.
func (r *Related) String() string {
	text := "EXISTS (" + r.Cell.Text + ")"
	if r.Same != nil {
		text = "IN (" + r.Cell.Text + ")"
	}
	if r.Not {
		text = "NOT " + text
	}
	return text
}

// withOperands returns r with other keys and uses.
func (r *Related) withOperands(kids []Expr) *Related {
	c := *r
	c.Keys, c.Uses = kids[:len(r.Keys):len(r.Keys)], kids[len(r.Keys):]
	return &c
}

// relatedIndex finds the rows of a table by their first columns. All programs of
// one test share it: the first that runs builds it.
type relatedIndex struct {
	once sync.Once
	rows map[string][]int32
}

func (x *relatedIndex) build(columns []*data.Vector, keys int) map[string][]int32 {
	x.once.Do(func() {
		x.rows = map[string][]int32{}
		n := 0
		if len(columns) > 0 {
			n = columns[0].Len()
		}
		var key []byte
		for i := range n {
			var ok bool
			if key, ok = appendKey(key[:0], columns[:keys], i); ok {
				x.rows[string(key)] = append(x.rows[string(key)], int32(i))
			}
		}
	})
	return x.rows
}

// appendKey appends what stands for the values of a row in comparisons; ok is
// false when one of them is NULL, which equals nothing.
func appendKey(dst []byte, cols []*data.Vector, row int) (key []byte, ok bool) {
	for _, v := range cols {
		if v.IsNull(row) {
			return dst, false
		}
		at := len(dst)
		dst = data.AppendElement(dst, v, row)
		dst = dst[:at+len(data.ComparableElement(v.Type, dst[at:]))]
	}
	return dst, true
}

// pairsAtOnce is how many pairs of a row and a row of the table are tested at once.
const pairsAtOnce = 1024

// relatedNode evaluates a Related.
type relatedNode struct {
	*Related
	keys, uses  []node
	where, same *Program
	rows        map[string][]int32

	key      []byte
	of       []*data.Vector // values of the keys, then of the uses
	pairs    data.Batch
	gathered []data.Vector // what the columns of pairs point at
	used     []int         // the columns of pairs that Where and Same read
	row      []int32       // of each pair: the row
	other    []int32       // and the row of the table
	sel, all []int32
	test     data.Vector
	out      target
}

func (r *Related) compile() node {
	n := &relatedNode{Related: r, keys: compileAll(r.Keys), uses: compileAll(r.Uses)}
	n.rows = r.index.build(r.Cell.Columns, len(r.Keys))
	width := len(r.Cell.Columns) + len(r.Uses)
	n.pairs.Cols, n.gathered = make([]*data.Vector, width), make([]data.Vector, width)
	reads := map[int]bool{}
	for _, e := range []Expr{r.Where, r.Same} {
		if e == nil {
			continue
		}
		for _, c := range Columns(e) {
			if !reads[c] {
				reads[c] = true
				n.used = append(n.used, c)
				n.pairs.Cols[c] = &n.gathered[c]
			}
		}
	}
	if r.Where != nil {
		n.where = Compile(r.Where)
	}
	if r.Same != nil {
		n.same = Compile(r.Same)
	}
	return n
}

func (n *relatedNode) eval(b *data.Batch, rows []int32, dst *data.Vector) (*data.Vector, error) {
	n.of = n.of[:0]
	for _, list := range [2][]node{n.keys, n.uses} {
		for _, k := range list {
			v, err := k.eval(b, rows, nil)
			if err != nil {
				return nil, err
			}
			n.of = append(n.of, v)
		}
	}
	out, nulls := n.out.vector(dst, b.N)
	out.Resize(n.Type(), b.N)
	out.Null, out.Const = nulls.clear(b.N), false
	if rows != nil {
		for _, r := range rows {
			out.Bools[r] = false
		}
	} else {
		clear(out.Bools[:b.N])
	}
	n.row, n.other = n.row[:0], n.other[:0]
	for k := range rowsIn(b, rows) {
		r := k
		if rows != nil {
			r = int(rows[k])
		}
		if err := n.candidates(r, out); err != nil {
			return nil, err
		}
	}
	if err := n.flush(out); err != nil {
		return nil, err
	}
	n.finish(b, rows, out)
	return out, nil
}

// rowsIn returns the number of rows to compute.
func rowsIn(b *data.Batch, rows []int32) int {
	if rows != nil {
		return len(rows)
	}
	return b.N
}

// candidates pairs row r with the rows of the table that have its keys.
func (n *relatedNode) candidates(r int, out *data.Vector) error {
	var ok bool
	if n.key, ok = appendKey(n.key[:0], n.of[:len(n.keys)], r); !ok {
		return nil
	}
	list := n.rows[string(n.key)]
	if n.where == nil && n.same == nil {
		out.Bools[r] = len(list) > 0
		return nil
	}
	for _, other := range list {
		if out.Bools[r] {
			return nil
		}
		n.row, n.other = append(n.row, int32(r)), append(n.other, other)
		if len(n.row) == pairsAtOnce {
			if err := n.flush(out); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush tests the pairs. A row that one has made TRUE is not failed by a later one.
func (n *relatedNode) flush(out *data.Vector) error {
	if len(n.row) == 0 {
		return nil
	}
	n.gather()
	defer func() { n.row, n.other = n.row[:0], n.other[:0] }()
	for from := 0; from < len(n.row); {
		failed, err := n.try(from, len(n.row), out)
		if err == nil {
			return nil
		}
		if _, err := n.try(from, failed, out); err != nil {
			return err // not of a row: those before do not fail
		}
		r := n.row[failed]
		if !out.Bools[r] {
			return placeAt(err, int(r))
		}
		for from = failed; from < len(n.row) && n.row[from] == r; from++ {
		}
	}
	return nil
}

// gather copies what the conditions read of the pairs.
func (n *relatedNode) gather() {
	n.pairs.N = len(n.row)
	for _, c := range n.used {
		v := n.pairs.Cols[c]
		from, rows := n.Cell.Columns, n.other
		at := c
		if c >= len(from) {
			at, from, rows = c-len(from)+len(n.keys), n.of, n.row
		}
		v.Reset(from[at].Type)
		for _, r := range rows {
			v.AppendFrom(from[at], int(r))
		}
	}
}

// try tests the pairs [from, to) and notes what they say of their rows. When one
// fails it notes nothing, and returns its place.
func (n *relatedNode) try(from, to int, out *data.Vector) (failed int, err error) {
	n.all = n.all[:0]
	for i := from; i < to; i++ {
		n.all = append(n.all, int32(i))
	}
	sel := n.all
	if n.where != nil {
		if sel, err = n.where.Select(&n.pairs, n.all, n.sel[:0]); err != nil {
			return failedRow(err), err
		}
		n.sel = sel
	}
	if n.same == nil {
		for _, i := range sel {
			out.Bools[n.row[i]] = true
		}
		return 0, nil
	}
	if len(sel) == 0 {
		return 0, nil
	}
	if err := n.same.Eval(&n.pairs, sel, &n.test); err != nil {
		return failedRow(err), err
	}
	for _, i := range sel {
		k := n.test.Index(int(i))
		switch r := n.row[i]; {
		case out.Bools[r]:
		case n.test.IsNull(int(i)):
			out.Null[r] = true
		case n.test.Bools[k]:
			out.Bools[r], out.Null[r] = true, false
		}
	}
	return 0, nil
}

// failedRow returns the row that an error is about.
func failedRow(err error) int {
	var re *RowError
	if errors.As(err, &re) {
		return re.Row
	}
	return 0
}

// placeAt makes an error one of row r.
func placeAt(err error, r int) error {
	var re *RowError
	if !errors.As(err, &re) {
		return err
	}
	moved := *re
	moved.Row = r
	return &moved
}

// finish turns the result around for NOT, and leaves the NULLs out where there are none.
func (n *relatedNode) finish(b *data.Batch, rows []int32, out *data.Vector) {
	any := false
	for k := range rowsIn(b, rows) {
		r := k
		if rows != nil {
			r = int(rows[k])
		}
		any = any || out.Null[r]
		out.Bools[r] = out.Bools[r] != n.Not
	}
	if !any {
		out.Null = nil
	}
}
