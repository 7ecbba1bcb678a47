package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Parse reads "expr [ASC | DESC] [NULLS FIRST | LAST]". It is called by participle.
func (k *SortKey) Parse(lex *lexer.PeekingLexer) error {
	p := &exprParser{lex: lex}
	if !p.startsExpr() {
		return participle.NextMatch
	}
	return p.sortKey(k)
}

func (p *exprParser) sortKey(k *SortKey) error {
	k.Pos = p.lex.Peek().Pos
	x, err := p.operand(precOr)
	if err != nil {
		return err
	}
	k.Expr = x
	if t := p.lex.Peek(); isOneOf(t, "ASC", "DESC") {
		p.lex.Next()
		k.Desc = isWord(t, "DESC")
	}
	if isWord(p.lex.Peek(), "NULLS") {
		p.lex.Next()
		t := p.lex.Peek()
		if !isOneOf(t, "FIRST", "LAST") {
			return expected(p.lex, "FIRST", "LAST")
		}
		p.lex.Next()
		k.Nulls = strings.ToUpper(t.Value)
	}
	k.EndPos = p.lex.RawPeek().Pos
	return nil
}

// orderBy reads ORDER BY and its keys.
func (p *exprParser) orderBy() ([]*SortKey, error) {
	p.lex.Next()
	if err := p.word("BY"); err != nil {
		return nil, err
	}
	var keys []*SortKey
	err := p.list(func() error {
		k := new(SortKey)
		keys = append(keys, k)
		return p.sortKey(k)
	})
	return keys, err
}

// partitionBy reads PARTITION BY and its expressions.
func (p *exprParser) partitionBy() ([]*Expr, error) {
	p.lex.Next()
	if err := p.word("BY"); err != nil {
		return nil, err
	}
	return p.exprs()
}

// exprs reads "a, b, …".
func (p *exprParser) exprs() ([]*Expr, error) {
	var list []*Expr
	err := p.list(func() error {
		x, err := p.operand(precOr)
		list = append(list, x)
		return err
	})
	return list, err
}

// list reads items with commas between them.
func (p *exprParser) list(item func() error) error {
	for {
		if err := item(); err != nil {
			return err
		}
		if !isPunct(p.lex.Peek(), ",") {
			return nil
		}
		p.lex.Next()
	}
}

// overFollows reports whether OVER comes next as a clause, and not as an alias.
func (p *exprParser) overFollows() bool {
	if !isWord(p.lex.Peek(), "OVER") {
		return false
	}
	next := p.second()
	return isPunct(next, "(") || isName(next)
}

// over reads OVER name and OVER (…).
func (p *exprParser) over() (*WindowSpec, error) {
	p.lex.Next()
	w := new(WindowSpec)
	if t := p.lex.Peek(); isName(t) {
		w.Base = takeName(p.lex)
		w.Node = w.Base.Node
		return w, nil
	}
	return w, p.windowSpec(w)
}

// Parse reads the specification of a named window. It is called by participle.
func (w *WindowSpec) Parse(lex *lexer.PeekingLexer) error {
	if !isPunct(lex.Peek(), "(") {
		return participle.NextMatch
	}
	return (&exprParser{lex: lex}).windowSpec(w)
}

// windowSpec reads "([base] [PARTITION BY …] [ORDER BY …] [frame])".
func (p *exprParser) windowSpec(w *WindowSpec) (err error) {
	open := p.lex.Next()
	bare := p.bare
	p.bare = true // no alias can stand in parentheses
	defer func() { p.bare = bare }()
	w.Pos = open.Pos
	also := []string{"PARTITION BY", "ORDER BY", "ROWS", "RANGE", "GROUPS"}
	if p.namesBase() {
		w.Base = takeName(p.lex)
	}
	if isWord(p.lex.Peek(), "PARTITION") {
		if w.PartitionBy, err = p.partitionBy(); err != nil {
			return err
		}
		also = append([]string{`","`}, also[1:]...)
	}
	if isWord(p.lex.Peek(), "ORDER") {
		if w.OrderBy, err = p.orderBy(); err != nil {
			return err
		}
		also = []string{`","`, "ROWS", "RANGE", "GROUPS"}
	}
	if isOneOf(p.lex.Peek(), "ROWS", "RANGE", "GROUPS") {
		if w.Frame, err = p.frame(); err != nil {
			return err
		}
		also = nil
	}
	err = p.close(open, also...)
	w.EndPos = p.lex.RawPeek().Pos
	return err
}

// namesBase reports whether a window's specification begins with the name of
// another window.
func (p *exprParser) namesBase() bool {
	t, next := p.lex.Peek(), p.second()
	if !isName(t) || isWord(next, "BY") {
		return false
	}
	return isPunct(next, ")") || isOneOf(next, "PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS")
}

// frame reads "ROWS | RANGE | GROUPS bound" or "… BETWEEN bound AND bound".
func (p *exprParser) frame() (*Frame, error) {
	t := p.lex.Next()
	f := &Frame{Node: Node{Pos: t.Pos}, Unit: strings.ToUpper(t.Value)}
	between := isWord(p.lex.Peek(), "BETWEEN")
	if between {
		p.lex.Next()
	}
	var err error
	if f.Start, err = p.bound(); err != nil {
		return nil, err
	}
	f.End = Bound{Kind: "CURRENT ROW"}
	if between {
		if err = p.word("AND"); err != nil {
			return nil, err
		}
		if f.End, err = p.bound(); err != nil {
			return nil, err
		}
	}
	f.EndPos = p.lex.RawPeek().Pos
	return f, nil
}

// bound reads one end of a frame.
func (p *exprParser) bound() (Bound, error) {
	t, next := p.lex.Peek(), p.second()
	switch {
	case isWord(t, "UNBOUNDED"):
		if p.lex.Next(); !isOneOf(next, "PRECEDING", "FOLLOWING") {
			return Bound{}, expected(p.lex, "PRECEDING", "FOLLOWING")
		}
		p.lex.Next()
		return Bound{Kind: "UNBOUNDED " + strings.ToUpper(next.Value)}, nil
	case isWord(t, "CURRENT"):
		p.lex.Next()
		return Bound{Kind: "CURRENT ROW"}, p.word("ROW")
	case !p.startsExpr():
		return Bound{}, expected(p.lex, "UNBOUNDED PRECEDING", "CURRENT ROW", "a number or an interval")
	}
	offset, err := p.operand(precMatch + 1) // leave AND to us
	if err != nil {
		return Bound{}, err
	}
	side := p.lex.Peek()
	if !isOneOf(side, "PRECEDING", "FOLLOWING") {
		return Bound{}, expected(p.lex, "PRECEDING", "FOLLOWING")
	}
	p.lex.Next()
	return Bound{Kind: strings.ToUpper(side.Value), Offset: offset}, nil
}
