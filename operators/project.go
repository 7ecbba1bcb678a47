package operators

import (
	"tidemark/operators/data"
	"tidemark/operators/expr"
)

// Project computes new columns. A column that is merely passed on shares the
// input's memory.
type Project struct {
	programs []*expr.Program // nil where the column is passed on
	passed   []int
	pool     *data.Pool
}

// NewProject returns a projection to the given expressions.
func NewProject(exprs []expr.Expr) *Project {
	p := &Project{programs: make([]*expr.Program, len(exprs)), passed: make([]int, len(exprs))}
	schema := make(data.Schema, len(exprs))
	for i, e := range exprs {
		schema[i].Type = e.Type()
		if c, ok := e.(*expr.Column); ok {
			p.passed[i] = c.Index
			continue
		}
		p.programs[i] = expr.Compile(e)
	}
	p.pool = data.NewPool(schema)
	return p
}

// Process emits a batch with the computed columns and b's rows, changes and steps.
func (p *Project) Process(b *data.Batch, out Output) error {
	o := p.pool.Get()
	for i, prog := range p.programs {
		if prog == nil {
			o.Cols[i] = b.Cols[p.passed[i]]
			continue
		}
		if err := prog.Eval(b, b.Sel, o.Cols[i]); err != nil {
			o.Release()
			return processUpTo(b, err, func(b *data.Batch) error { return p.Process(b, out) })
		}
	}
	o.Derive(b)
	return out(o)
}
