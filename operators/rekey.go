package operators

import "tidemark/operators/data"

// Rekey turns an update that changes the key of its row into a delete of the old
// row and an insert of the new one, for sinks that go by the key and drop -U.
type Rekey struct {
	key   []int
	views *data.Pool
}

// NewRekey returns an operator for rows keyed by the given columns.
func NewRekey(key []int) *Rekey { return &Rekey{key: key, views: data.NewPool(nil)} }

// Process passes b on with such updates rewritten.
func (k *Rekey) Process(b *data.Batch, out Output) error {
	if b.Changes == nil {
		return out(b)
	}
	v := k.views.View(b)
	changes := v.OwnChanges()
	for i := 1; i < v.Rows(); i++ {
		before, after := v.Row(i-1), v.Row(i)
		if changes[before] == data.UpdateBefore && changes[after] == data.UpdateAfter && !k.same(v, before, after) {
			changes[before], changes[after] = data.Delete, data.Insert
		}
	}
	return out(v)
}

func (k *Rekey) same(b *data.Batch, i, j int) bool {
	for _, c := range k.key {
		if !data.Equal(b.Cols[c], i, b.Cols[c], j) {
			return false
		}
	}
	return true
}
