package operators

// LimitText makes the aggregate emit batches of more text than n bytes.
func (a *Aggregate) LimitText(n int64) { a.mostText = n }
