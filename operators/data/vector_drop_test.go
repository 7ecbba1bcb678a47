package data

import (
	"bytes"
	"testing"
)

// What is left behind Drop is what appending the other rows gives, in every class of
// types, with NULLs and without.
func TestDrop(t *testing.T) {
	for _, typ := range []Type{Of(BigInt), Of(Double), Of(Boolean), Of(String), DecimalType(38, 2)} {
		for _, nulls := range []bool{false, true} {
			for mask := range 1 << 5 {
				var v, want Vector
				v.Reset(typ)
				want.Reset(typ)
				gone := make([]bool, 5)
				for r := range gone {
					gone[r] = mask>>r&1 == 1
					switch {
					case nulls && r%2 == 1:
						v.AppendNull()
					case typ.Class() == ClassBytes:
						v.AppendText(bytes.Repeat([]byte{byte('a' + r)}, 4-r))
					case typ.Class() == ClassFloat:
						v.AppendFloat(float64(r))
					case typ.Class() == ClassBool:
						v.AppendBool(r > 2)
					case typ.Class() == ClassWide:
						v.AppendWide(Int128{Lo: uint64(r)})
					default:
						v.AppendInt(int64(r))
					}
				}
				for r, g := range gone {
					if !g {
						want.AppendFrom(&v, r)
					}
				}
				v.Drop(gone)
				v.AppendNull() // and it can be added to
				want.AppendNull()
				if v.Len() != want.Len() {
					t.Fatalf("%v, %05b: %d rows, want %d", typ, mask, v.Len(), want.Len())
				}
				for r := range want.Len() {
					got, w := AppendText(nil, &v, r), AppendText(nil, &want, r)
					if v.IsNull(r) != want.IsNull(r) || !v.IsNull(r) && !bytes.Equal(got, w) {
						t.Fatalf("%v, %05b, row %d: %s, want %s", typ, mask, r, got, w)
					}
				}
			}
		}
	}
}
