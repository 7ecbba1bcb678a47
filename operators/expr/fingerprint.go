package expr

import (
	"fmt"
	"hash/maphash"
)

// Fingerprints tells equal computations from different ones in time linear in
// the size of an expression: parts that are Equal have the same fingerprint.
type Fingerprints struct {
	seed maphash.Seed
	of   map[Expr]uint64
}

// NewFingerprints returns an empty set of fingerprints.
func NewFingerprints() *Fingerprints {
	return &Fingerprints{seed: maphash.MakeSeed(), of: map[Expr]uint64{}}
}

// Of returns the fingerprint of e, and remembers those of its parts.
func (p *Fingerprints) Of(e Expr) uint64 {
	if f, ok := p.of[e]; ok {
		return f
	}
	var h maphash.Hash
	h.SetSeed(p.seed)
	t := e.Type()
	fmt.Fprint(&h, t.Kind, t.Precision, t.Scale)
	switch e := e.(type) {
	case *Column:
		fmt.Fprint(&h, "column", e.Index)
	case *Literal:
		fmt.Fprint(&h, e.String())
	case *Call:
		fmt.Fprint(&h, e.Func.Name)
	case *In:
		fmt.Fprint(&h, "in", e.Not, len(e.List))
	default:
		fmt.Fprintf(&h, "%T", e)
	}
	for _, k := range children(e) {
		fmt.Fprint(&h, " ", p.Of(k))
	}
	f := h.Sum64()
	p.of[e] = f
	return f
}
