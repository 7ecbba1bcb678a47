package expr

import (
	"errors"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// tryFunc is TRY; the compiler evaluates it itself because it catches errors.
var tryFunc = &Function{Name: "TRY", Params: []data.Kind{data.Unknown}, safe: true}

func tryEntry() *entry {
	return &entry{name: "TRY", bind: bindTry, signatures: []string{"TRY(T) → T"},
		doc:      "The value of an expression, or NULL where it fails: on division by zero, overflow, a bad cast …",
		examples: [][2]string{{"TRY(1 / 0)", "NULL"}, {"TRY(6 / 2)", "3"}}}
}

func bindTry(e *entry, args []Expr, at source.Span) (Expr, error) {
	if err := needs(e, args, 1, 1, at); err != nil {
		return nil, err
	}
	return &Call{Func: tryFunc, Args: args, typ: args[0].Type(), at: at}, nil
}

// foldTry works out a TRY of constants, where the argument itself is not folded
// because it fails.
func foldTry(c *Call) Expr {
	if !CanFail(c.Args[0]) {
		return c.Args[0]
	}
	constant := true
	Walk(c, func(x Expr) bool {
		switch x.(type) {
		case *Call, *Cast, *Case, *In, *Literal:
		default: // it waits for rows, or for the query to run
			constant = false
		}
		return constant
	})
	if !constant {
		return c
	}
	v, err := evalConst(c)
	if err != nil {
		return c
	}
	return &Literal{Value: v, typed: true, at: c.at}
}

// tryNode gives NULL for the rows on which its argument fails.
type tryNode struct {
	choice
	arg  node
	good []int32 // the rows with a value, of the batch at hand
	bad  []int32
	all  []int32
}

func compileTry(c *Call) node {
	return &tryNode{arg: c.Args[0].compile(), choice: choice{typ: c.typ, null: nullOf(c.typ)}}
}

func (t *tryNode) eval(b *data.Batch, rows []int32, dst *data.Vector) (*data.Vector, error) {
	v, err := t.arg.eval(b, rows, dst)
	if err == nil {
		return v, nil
	}
	if !isRowError(err) {
		return nil, err
	}
	if rows == nil {
		t.all = t.all[:0]
		for i := range b.N {
			t.all = append(t.all, int32(i))
		}
		rows = t.all
	}
	t.good, t.bad = t.good[:0], t.bad[:0]
	if err := t.sort(b, rows); err != nil {
		return nil, err
	}
	t.begin(b.N)
	if len(t.bad) > 0 {
		t.add(t.null, t.bad)
	}
	if len(t.good) > 0 {
		v, err := t.arg.eval(b, t.good, nil)
		if err != nil {
			return nil, err
		}
		t.add(v, t.good)
	}
	return t.result(rows, dst), nil
}

// sort parts rows that fail together into good and bad ones, by halves: k bad rows
// of n cost about k·log n evaluations of ever fewer rows.
func (t *tryNode) sort(b *data.Batch, rows []int32) error {
	if len(rows) == 1 {
		t.bad = append(t.bad, rows[0])
		return nil
	}
	half := len(rows) / 2
	for _, part := range [][]int32{rows[:half], rows[half:]} {
		_, err := t.arg.eval(b, part, nil)
		switch {
		case err == nil:
			t.good = append(t.good, part...)
		case !isRowError(err):
			return err
		default:
			if err := t.sort(b, part); err != nil {
				return err
			}
		}
	}
	return nil
}

func isRowError(err error) bool {
	var re *RowError
	return errors.As(err, &re)
}
