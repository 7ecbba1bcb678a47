package operators

import "tidemark/operators/data"

// Required is a column that must have a value in every row.
type Required struct {
	Column int
	// Name is what messages call it, and Key whether it is of a primary key.
	Name string
	Key  bool
}

// Require lets rows pass whose required columns have values. The first row that
// lacks one is an error.
type Require struct{ columns []Required }

// NewRequire returns an operator that checks the given columns.
func NewRequire(columns []Required) *Require { return &Require{columns} }

// NullError says that a required column is NULL.
type NullError struct{ Required }

// Error says which column it is.
func (e *NullError) Error() string {
	if e.Key {
		return "column " + e.Name + " is NULL, and it is part of the primary key"
	}
	return "column " + e.Name + " is NULL, and it is declared NOT NULL"
}

// Hint says what helps.
func (e *NullError) Hint() string {
	return "filter such rows out, or give them a value with COALESCE"
}

// Process passes b on.
func (q *Require) Process(b *data.Batch, out Output) error {
	first, missing := b.N, Required{}
	for _, c := range q.columns {
		if v := b.Cols[c.Column]; v.Null != nil {
			for k := range b.Rows() {
				if r := b.Row(k); r >= first {
					break
				} else if v.IsNull(r) {
					first, missing = r, c
					break
				}
			}
		}
	}
	if first == b.N {
		return out(b)
	}
	err := &RowError{Where: b.Where(first), Err: &NullError{missing}, Seq: b.Seq + int64(first)}
	Truncate(b, first)
	if earlier := out(b); earlier != nil {
		return earlier
	}
	return err
}
