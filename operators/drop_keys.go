package operators

import "tidemark/operators/state"

// dropKeys forgets the keys of a table that are not live. It returns the new id of each old
// one, which are in the same order, -1 for those that are gone.
func dropKeys(t *state.KeyTable, isLive func(id int) bool) []int32 {
	gone := make([]bool, t.Len())
	for id := range gone {
		gone[id] = !isLive(id)
	}
	return t.Drop(gone, make([]int32, 0, len(gone)))
}
