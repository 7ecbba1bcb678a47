package agg

// Flat reports whether an accumulator is a few words, so that to merge two costs no
// more than to add a row.
func (f *Func) Flat() bool {
	if f.Distinct || f.InOrder || len(f.Order) > 0 {
		return false
	}
	switch f.Name {
	case "COUNT", "COUNT_IF", "SUM", "AVG", "MIN", "MAX", "BOOL_AND", "BOOL_OR", "BIT_AND_AGG", "BIT_OR_AGG", "BIT_XOR_AGG", "WINDOW_COMPLETENESS":
		return true
	}
	return false
}
