package data

import "testing"

// A column keeps its values when room is made for more, which is there then, and little
// more than that.
func TestReserve(t *testing.T) {
	for _, typ := range []Type{Of(BigInt), Of(Double), Of(Boolean), Of(String), DecimalType(38, 2)} {
		var v, want Vector
		v.Reset(typ)
		want.Reset(typ)
		for r := range 1000 {
			for _, to := range []*Vector{&v, &want} {
				if to == &v {
					v.Reserve(1, 2)
				}
				switch {
				case r%10 == 9:
					to.AppendNull()
				case typ.Class() == ClassBytes:
					to.AppendText([]byte{byte(r), byte(r >> 8)})
				case typ.Class() == ClassFloat:
					to.AppendFloat(float64(r))
				case typ.Class() == ClassBool:
					to.AppendBool(r%3 == 0)
				case typ.Class() == ClassWide:
					to.AppendWide(Int128{Lo: uint64(r)})
				default:
					to.AppendInt(int64(r))
				}
			}
		}
		for r := range 1000 {
			if v.IsNull(r) != want.IsNull(r) || !v.IsNull(r) && !Equal(&v, r, &want, r) {
				t.Fatalf("%v: row %d is another", typ, r)
			}
		}
		for _, c := range []int{cap(v.Ints), cap(v.Floats), cap(v.Bools), cap(v.Wides), cap(v.Offsets), cap(v.Bytes) / 2, cap(v.Null)} {
			if c > 1001*9/8+1 {
				t.Errorf("%v: room for %d rows of 1000", typ, c)
			}
		}
	}
}
