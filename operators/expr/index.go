package expr

// Index numbers expressions from 0 on: those that are Equal have one number. It
// takes time linear in what it is given.
type Index struct {
	list    []Expr
	byPrint map[uint64][]int
	prints  *fingerprints
}

// NewIndex returns an index without expressions.
func NewIndex() *Index { return &Index{byPrint: map[uint64][]int{}, prints: newFingerprints()} }

// At returns expression number i, as it was when it was added.
func (x *Index) At(i int) Expr { return x.list[i] }

// Find returns the number of e, or -1.
func (x *Index) Find(e Expr) int {
	for _, i := range x.byPrint[x.prints.Of(e)] {
		if Equal(x.list[i], e) {
			return i
		}
	}
	return -1
}

// Add returns the number of e, which is a new one when e is not there yet.
func (x *Index) Add(e Expr) int {
	if i := x.Find(e); i >= 0 {
		return i
	}
	key := x.prints.Of(e)
	x.byPrint[key], x.list = append(x.byPrint[key], len(x.list)), append(x.list, e)
	return len(x.list) - 1
}
