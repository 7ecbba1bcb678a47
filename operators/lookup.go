package operators

import (
	"errors"

	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// LookupJoinConfig describes a LookupJoin.
type LookupJoinConfig struct {
	// Outer emits rows without a match too.
	Outer bool
	// Keys are the input columns by which rows are looked up, and FoundKeys those of
	// the rows that are found, in the same order and of the same types.
	Keys, FoundKeys []int
	// Condition, when not nil, is a BOOLEAN over the columns of the input's row and,
	// behind them, of the one that was found: only pairs for which it is true match.
	Condition expr.Expr
	Found     data.Schema
	// Find appends to found the rows whose key is one of the first n of keys; see
	// connectors.Lookup.
	Find func(keys []*data.Vector, n int, found *data.Batch) error
	// TTL is for how long what was found is kept, microseconds; 0 keeps nothing.
	TTL int64
	// MaxRows and MaxBytes are about how much is kept, of rows or keys, whichever are
	// more, besides those of two batches; 0 is without limit.
	MaxRows, MaxBytes int64
	Now               func() int64 // microseconds since 1970
	BatchRows         int
	// Out are the input's columns, and those that are found.
	Out data.Schema
}

// LookupJoin joins each row of its input, which only inserts, with the rows of a
// foreign table that have its key, as they are found. The keys of a batch that are not
// known are asked for together. It remembers what it has found for a while, and that
// it has found nothing; that is no state, as it can be found again.
type LookupJoin struct {
	cfg   LookupJoinConfig
	keys  joinKeys // of the batch in hand, and of types
	cache lookupCache
	pool  *data.Pool
	found *data.Pool
	cond  *expr.Program
	test  *data.Pool // of the columns that cond reads

	in          *data.Batch
	out         *data.Batch
	left, right []int32 // pairs; right is -1 where nothing was found
	keep        []int32
}

// NewLookupJoin returns a join. in is the schema of its input.
func NewLookupJoin(cfg LookupJoinConfig, in data.Schema) *LookupJoin {
	j := &LookupJoin{cfg: cfg, keys: newJoinKeys(cfg.Keys, in), pool: data.NewPool(cfg.Out), found: data.NewPool(cfg.Found)}
	j.cache = lookupCache{types: j.keys.types, columns: types(cfg.Found), key: cfg.FoundKeys}
	j.cache.begin()
	if cfg.Condition != nil {
		both := append(append(data.Schema(nil), in...), cfg.Found...)
		j.cond, j.test = expr.Compile(cfg.Condition), data.NewPool(both)
	}
	return j
}

// Process emits b's rows with what is found for them, and its steps between them.
func (j *LookupJoin) Process(b *data.Batch, out Output) error {
	defer b.Release()
	j.in = b
	rows := j.keys.all.of(b)
	for i, c := range j.cfg.Keys {
		j.keys.cols[i] = b.Cols[c]
	}
	if err := j.ask(rows); err != nil {
		return err
	}
	failed := j.pair(rows)
	step := 0
	for k := range j.left {
		r := int(j.left[k])
		for ; step < len(b.Steps) && b.Steps[step].Row <= r; step++ {
			j.pass(b.Steps[step])
		}
		o := j.output()
		for c, v := range b.Cols {
			o.Cols[c].AppendFrom(v, r)
		}
		for c, v := range j.cache.now.store.cols {
			if dst := o.Cols[len(b.Cols)+c]; j.right[k] < 0 {
				dst.AppendNull()
			} else {
				dst.AppendFrom(v, int(j.right[k]))
			}
		}
		o.AddRows(1, data.Insert, 2*(b.Seq+int64(r)))
		if o.N >= j.cfg.BatchRows {
			if err := j.flush(out); err != nil {
				return err
			}
		}
	}
	if failed != nil {
		if err := j.flush(out); err != nil {
			return err
		}
		return failed
	}
	for ; step < len(b.Steps); step++ {
		j.pass(b.Steps[step])
	}
	j.cache.rotate(j.cfg.TTL, j.cfg.MaxRows, j.cfg.MaxBytes)
	return j.flush(out)
}

// ask finds what is not known of the keys of rows.
func (j *LookupJoin) ask(rows []int32) error {
	now := j.cfg.Now()
	missing := j.cache.missing(&j.keys, rows, now, j.cfg.TTL)
	if len(missing) == 0 {
		return nil
	}
	keys := make([]*data.Vector, len(j.keys.cols))
	for i, v := range j.keys.cols {
		keys[i] = &data.Vector{}
		keys[i].Reset(v.Type)
		Gather(keys[i], v, missing)
	}
	found := j.found.Get()
	defer found.Release()
	if err := j.cfg.Find(keys, len(missing), found); err != nil {
		return err
	}
	found.N = found.Cols[0].Len()
	return j.cache.add(found, now)
}

// pair lists the rows with what was found for them. When the condition fails for one,
// those before it are listed and the error is returned.
func (j *LookupJoin) pair(rows []int32) error {
	j.left, j.right = j.left[:0], j.right[:0]
	for _, r := range rows {
		n := len(j.left)
		if !j.keys.hasNull(r) {
			for row := j.cache.first(&j.keys, r); row >= 0; row = j.cache.now.next[row] {
				j.left, j.right = append(j.left, r), append(j.right, row)
			}
		}
		if j.cond == nil && j.cfg.Outer && len(j.left) == n {
			j.left, j.right = append(j.left, r), append(j.right, -1)
		}
	}
	if j.cond == nil {
		return nil
	}
	kept, err := j.passing(len(j.left))
	var failed *expr.RowError
	if errors.As(err, &failed) {
		bad := j.left[failed.Row]
		n := 0
		for n < len(j.left) && j.left[n] < bad {
			n++
		}
		var again error
		if kept, again = j.passing(n); again != nil {
			return again
		}
		err = &RowError{Err: failed.Err, Seq: j.in.Seq + int64(bad), Where: j.in.Where(int(bad))}
		for len(rows) > 0 && rows[len(rows)-1] >= bad {
			rows = rows[:len(rows)-1]
		}
	} else if err != nil {
		return err
	}
	j.retain(rows, kept)
	return err
}

// passing returns which of the first n pairs pass the condition.
func (j *LookupJoin) passing(n int) ([]int32, error) {
	b := j.test.Get()
	defer b.Release()
	width := len(j.in.Cols)
	for c, v := range j.in.Cols {
		Gather(b.Cols[c], v, j.left[:n])
	}
	for c, v := range j.cache.now.store.cols {
		Gather(b.Cols[width+c], v, j.right[:n])
	}
	b.N = n
	var err error
	j.keep, err = j.cond.Select(b, nil, j.keep[:0])
	return j.keep, err
}

// retain keeps the listed pairs, and with Outer each row that is in none of them.
func (j *LookupJoin) retain(rows, kept []int32) {
	left, right := make([]int32, 0, len(kept)), make([]int32, 0, len(kept))
	for _, r := range rows {
		n := len(left)
		for len(kept) > 0 && j.left[kept[0]] == r {
			left, right = append(left, r), append(right, j.right[kept[0]])
			kept = kept[1:]
		}
		if j.cfg.Outer && len(left) == n {
			left, right = append(left, r), append(right, -1)
		}
	}
	j.left, j.right = left, right
}

func (j *LookupJoin) pass(s data.Step) {
	o := j.output()
	o.AddTriggeredStep(o.N, s.Time, 2*(j.in.Seq+int64(s.Row))-1)
}

func (j *LookupJoin) output() *data.Batch {
	if j.out == nil {
		j.out = j.pool.Get()
	}
	return j.out
}

func (j *LookupJoin) flush(out Output) error {
	if j.out == nil {
		return nil
	}
	o := j.out
	j.out = nil
	return out(o)
}
