package data

import "testing"

// A vector used again shows nothing of what it held before.
func TestVectorReuse(t *testing.T) {
	for _, typ := range []Type{Of(BigInt), Of(Double), Of(Boolean), DecimalType(38, 0), Of(String)} {
		var src, v Vector
		src.Reset(typ)
		p := NewTextParser(typ, nil)
		for _, s := range []string{"1", "0"} {
			if err := p.Append(&src, []byte(s)); err != nil {
				t.Fatal(err)
			}
		}
		for round := range 3 {
			v.Reset(typ)
			if v.Len() != 0 || v.Null != nil {
				t.Fatalf("%v: %d values and validity %v after Reset", typ, v.Len(), v.Null)
			}
			v.AppendFrom(&src, 0)
			for range 3 - round { // fewer and fewer NULLs
				v.AppendNull()
			}
			v.AppendFrom(&src, 1)
			last := 4 - round
			if v.Len() != last+1 || v.IsNull(0) || v.IsNull(last) || len(v.Null) != v.Len() {
				t.Fatalf("%v, round %d: %d values, validity %v", typ, round, v.Len(), v.Null)
			}
			for i := 1; i < last; i++ {
				if !v.IsNull(i) {
					t.Errorf("%v, round %d: value %d is not NULL", typ, round, i)
				}
			}
			if !Equal(&v, 0, &src, 0) || !Equal(&v, last, &src, 1) {
				t.Errorf("%v, round %d: the values changed", typ, round)
			}
		}
		v.Resize(typ, 9)
		if v.Len() != 9 || v.IsNull(2) {
			t.Errorf("%v: %d values after Resize, validity %v", typ, v.Len(), v.Null)
		}
	}
}

func TestConstantVector(t *testing.T) {
	v := NewConst(Of(BigInt))
	v.AppendNull()
	if !v.IsNull(77) || v.Index(77) != 0 || v.Len() != 1 {
		t.Errorf("a constant NULL: %+v", v)
	}
}

// Many values at once are those one by one, behind NULLs too.
func TestAppendInts(t *testing.T) {
	for _, null := range []bool{false, true} {
		var v Vector
		v.Reset(Of(BigInt))
		if null {
			v.AppendNull()
		}
		v.AppendInts(7, 3)
		v.AppendIntsOf([]int64{1, 2, 3}, []int32{2, 0})
		v.AppendInt(9)
		want := []int64{7, 7, 7, 3, 1, 9}
		if null {
			want = append([]int64{0}, want...)
		}
		if v.Len() != len(want) || null && len(v.Null) != len(want) {
			t.Fatalf("%d values, %d marks of them", v.Len(), len(v.Null))
		}
		for i, x := range want {
			if isNull := null && i == 0; v.IsNull(i) != isNull || !isNull && v.Ints[i] != x {
				t.Errorf("value %d is %d, NULL %v", i, v.Ints[i], v.IsNull(i))
			}
		}
	}
}
