package operators

import (
	"errors"

	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// Filter keeps the rows for which a predicate is true. It narrows the selection
// and copies nothing; steps stay where they are.
type Filter struct {
	pred    *expr.Program
	account *Account
	views   *data.Pool
	rows    []int32
}

// NewFilter returns a filter by a BOOLEAN expression. account may be nil.
func NewFilter(pred expr.Expr, account *Account) *Filter {
	return &Filter{pred: expr.Compile(pred), account: account, views: data.NewPool(nil)}
}

// Process narrows b's selection and passes it on.
func (f *Filter) Process(b *data.Batch, out Output) error {
	if b.Changes != nil {
		return f.processUpdates(b, out)
	}
	before := b.Rows()
	rows, err := f.pred.Select(b, b.Sel, b.SelBuf(b.N))
	if err != nil {
		return processUpTo(b, err, func(b *data.Batch) error { return f.Process(b, out) })
	}
	if f.account != nil {
		f.account.Filtered.Add(int64(before - len(rows)))
	}
	if len(rows) < b.N {
		b.Sel = rows
	}
	return out(b)
}

// processUpdates is Process for rows that may be updates. Where only one of a -U
// and its +U passes, the row enters the result or leaves it: +I or -D.
func (f *Filter) processUpdates(b *data.Batch, out Output) error {
	rows, err := f.pred.Select(b, b.Sel, f.rows[:0])
	if err != nil {
		return processUpTo(b, err, func(b *data.Batch) error { return f.Process(b, out) })
	}
	f.rows = rows
	if f.account != nil {
		f.account.Filtered.Add(int64(b.Rows() - len(rows)))
	}
	v := f.views.View(b)
	changes := v.OwnChanges()
	kept := func(r int) bool {
		for len(rows) > 0 && int(rows[0]) < r {
			rows = rows[1:]
		}
		return len(rows) > 0 && int(rows[0]) == r
	}
	for k := 0; k < b.Rows(); k++ {
		r := b.Row(k)
		if changes[r] != data.UpdateBefore || k+1 == b.Rows() {
			continue
		}
		k++
		next := b.Row(k)
		old, new := kept(r), kept(next)
		switch {
		case old && !new:
			changes[r] = data.Delete
		case new && !old:
			changes[next] = data.Insert
		}
	}
	v.Sel = append(v.SelBuf(b.N), f.rows...)
	return out(v)
}

// processUpTo handles an evaluation error: it cuts b before the failing row, has
// what is left processed and returns the error with the row's place. When an
// earlier row fails in what is left, that one's error is returned instead.
func processUpTo(b *data.Batch, err error, process func(*data.Batch) error) error {
	var row *expr.RowError
	if !errors.As(err, &row) {
		b.Release()
		return err
	}
	where, seq := b.Where(row.Row), b.Seq+int64(row.Row)
	Truncate(b, row.Row)
	if earlier := process(b); earlier != nil {
		return earlier
	}
	return &RowError{Where: where, Err: row, Seq: seq}
}

// Truncate cuts b to its first n physical rows and the steps before them.
func Truncate(b *data.Batch, n int) {
	rows := b.SelBuf(n)
	for k := range b.Rows() {
		if r := b.Row(k); r < n {
			rows = append(rows, int32(r))
		}
	}
	if k := len(rows); k > 0 && b.Change(int(rows[k-1])) == data.UpdateBefore {
		rows = rows[:k-1] // its +U is cut off
	}
	b.Sel = rows
	k := 0
	for k < len(b.Steps) && b.Steps[k].Row <= n {
		k++
	}
	b.Steps = b.Steps[:k]
}
