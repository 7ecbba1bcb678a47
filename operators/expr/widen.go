package expr

import "tidemark/operators/data"

// widenKernel is a dense loop for the casts that the binder inserts most: between
// numbers stored in eight bytes, none of which can fail. It is nil for others.
func widenKernel(from, to data.Type) kernel {
	short := func(t data.Type) bool { return t.Integer() || t.Kind == data.Decimal && t.Class() == data.ClassInt }
	switch {
	case from.Integer() && to.Kind == data.Double:
		return func(f *frame) error {
			for i, x := range f.args[0].Ints[:len(f.out.Floats)] {
				f.out.Floats[i] = float64(x)
			}
			return nil
		}
	case from.Kind == data.Int && to.Kind == data.BigInt,
		short(from) && to.Kind == data.Decimal && short(to) && to.Scale >= from.Scale && castSafe(from, to):
		by := pow10(int(to.Scale) - int(from.Scale))
		return func(f *frame) error {
			for i, x := range f.args[0].Ints[:len(f.out.Ints)] {
				f.out.Ints[i] = x * by
			}
			return nil
		}
	}
	return nil
}
