package operators

import (
	"errors"

	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// Values makes rows of constants. Its input only counts: row s of it, by sequence
// number, becomes row s of the constants. Each is evaluated when its row comes.
type Values struct {
	rows  [][]expr.Expr
	pool  *data.Pool
	one   data.Batch    // over which a row is evaluated
	cells []data.Vector // of the row in hand
}

// NewValues returns an operator that makes the given rows, whose columns have
// the types of out.
func NewValues(rows [][]expr.Expr, out data.Schema) *Values {
	return &Values{rows: rows, pool: data.NewPool(out), one: data.Batch{N: 1}, cells: make([]data.Vector, len(out))}
}

// Process emits the rows of b's sequence numbers.
func (v *Values) Process(b *data.Batch, out Output) error {
	o := v.pool.Get()
	for i := range b.N {
		err := v.append(o, v.rows[b.Seq+int64(i)])
		if err == nil {
			continue
		}
		var row *expr.RowError
		if !errors.As(err, &row) {
			b.Release()
			o.Release()
			return err
		}
		failed := &RowError{Where: b.Where(i), Err: row, Seq: b.Seq + int64(i)}
		b.N = i
		Truncate(b, i)
		o.Derive(b)
		if err := out(o); err != nil {
			return err
		}
		return failed
	}
	o.Derive(b)
	return out(o)
}

// append evaluates a row and appends it to o, or nothing of it.
func (v *Values) append(o *data.Batch, row []expr.Expr) error {
	for c, e := range row {
		if _, ok := e.(*expr.Literal); ok {
			continue
		}
		if err := expr.Compile(e).Eval(&v.one, nil, &v.cells[c]); err != nil {
			return err
		}
	}
	for c, e := range row {
		if l, ok := e.(*expr.Literal); ok {
			o.Cols[c].AppendFrom(l.Value, 0)
		} else {
			o.Cols[c].AppendFrom(&v.cells[c], 0)
		}
	}
	return nil
}
