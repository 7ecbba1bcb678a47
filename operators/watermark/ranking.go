package watermark

// Ranking keeps numbered inputs in order of a key, equal ones in order of their
// numbers. It is a tournament: a change costs the logarithm of their number, the
// first is at hand.
type Ranking struct {
	keys []int64
	out  []bool
	tree []int32 // the winner of each match; tree[i] of tree[2i] and tree[2i+1]
	size int     // leaves: a power of two
}

const nobody = -1

// NewRanking returns a ranking of n inputs that all have key.
func NewRanking(n int, key int64) *Ranking {
	r := &Ranking{}
	for range n {
		r.keys, r.out = append(r.keys, key), append(r.out, false)
	}
	r.rebuild()
	return r
}

// Add puts another input behind those that are there and returns its number.
func (r *Ranking) Add(key int64) int {
	i := len(r.keys)
	r.keys, r.out = append(r.keys, key), append(r.out, false)
	if i < r.size {
		r.play(i)
	} else {
		r.rebuild()
	}
	return i
}

// Key returns an input's key.
func (r *Ranking) Key(i int) int64 { return r.keys[i] }

// Set gives an input a key.
func (r *Ranking) Set(i int, key int64) {
	r.keys[i] = key
	r.play(i)
}

// Leave takes an input out of the order, or back into it.
func (r *Ranking) Leave(i int, out bool) {
	if r.out[i] != out {
		r.out[i] = out
		r.play(i)
	}
}

// First returns the input that comes first, -1 when none is left.
func (r *Ranking) First() int { return int(r.tree[1]) }

// FirstBut returns the input that would come first without input i, -1 when there
// is none.
func (r *Ranking) FirstBut(i int) int {
	best := int32(nobody)
	for at := r.size + i; at > 1; at /= 2 {
		best = r.better(best, r.tree[at^1])
	}
	return int(best)
}

func (r *Ranking) rebuild() {
	r.size = 1
	for r.size < len(r.keys) {
		r.size *= 2
	}
	r.tree = make([]int32, 2*r.size)
	for i := range r.tree {
		r.tree[i] = nobody
	}
	for i := range r.keys {
		r.tree[r.size+i] = r.entry(i)
	}
	for at := r.size - 1; at >= 1; at-- {
		r.tree[at] = r.better(r.tree[2*at], r.tree[2*at+1])
	}
}

// play repeats the matches of input i.
func (r *Ranking) play(i int) {
	at := r.size + i
	r.tree[at] = r.entry(i)
	for at /= 2; at >= 1; at /= 2 {
		r.tree[at] = r.better(r.tree[2*at], r.tree[2*at+1])
	}
}

func (r *Ranking) entry(i int) int32 {
	if r.out[i] {
		return nobody
	}
	return int32(i)
}

// better returns which of two inputs comes first.
func (r *Ranking) better(a, b int32) int32 {
	switch {
	case a == nobody:
		return b
	case b == nobody:
		return a
	case r.keys[b] < r.keys[a] || r.keys[b] == r.keys[a] && b < a:
		return b
	}
	return a
}
