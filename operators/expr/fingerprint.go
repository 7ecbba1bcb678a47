package expr

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
)

// fingerprints tells equal computations from different ones in time linear in
// the size of an expression: parts that are Equal have the same fingerprint.
type fingerprints struct {
	seed maphash.Seed
	of   map[Expr]uint64
}

// newFingerprints returns an empty set of fingerprints.
func newFingerprints() *fingerprints {
	return &fingerprints{seed: maphash.MakeSeed(), of: map[Expr]uint64{}}
}

// Of returns the fingerprint of e, and remembers those of its parts.
func (p *fingerprints) Of(e Expr) uint64 {
	if f, ok := p.of[e]; ok {
		return f
	}
	var h maphash.Hash
	h.SetSeed(p.seed)
	number := func(n uint64) {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], n)
		h.Write(b[:])
	}
	t := e.Type()
	h.Write([]byte{byte(t.Kind), byte(t.Precision), byte(t.Scale)})
	switch e := e.(type) {
	case *Column:
		h.WriteByte('c')
		number(uint64(e.Index))
	case *Literal:
		h.WriteByte('l')
		h.WriteString(e.String())
	case *Call:
		h.WriteByte('f')
		h.WriteString(e.Func.Name)
	case *In:
		h.WriteByte('i')
		number(uint64(len(e.List)))
	default:
		fmt.Fprintf(&h, "%T", e)
	}
	for _, k := range children(e) {
		number(p.Of(k))
	}
	f := h.Sum64()
	p.of[e] = f
	return f
}
