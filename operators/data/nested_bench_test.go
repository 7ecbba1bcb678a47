package data

import (
	"fmt"
	"strings"
	"testing"
)

var sizes = []int{3, 100}

// arrays returns a column of 1000 arrays of n elements.
func arrays(b *testing.B, t Type, n int, element func(i int) string) (*Vector, [][]byte) {
	v, p := &Vector{}, NewTextParser(t, nil)
	v.Reset(t)
	var texts [][]byte
	for r := range 1000 {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = element(r*n + i)
		}
		text := []byte("[" + strings.Join(parts, ",") + "]")
		texts = append(texts, text)
		if err := p.Append(v, text); err != nil {
			b.Fatal(err)
		}
	}
	return v, texts
}

var benchTypes = map[string]struct {
	t       Type
	element func(i int) string
}{
	"BIGINT": {ArrayOf(Of(BigInt)), func(i int) string { return fmt.Sprint(i) }},
	"STRING": {ArrayOf(Of(String)), func(i int) string { return fmt.Sprintf(`"text %d"`, i) }},
	"ROW":    {ArrayOf(item), func(i int) string { return fmt.Sprintf(`{"name":"item %d","price":%d.5}`, i, i) }},
}

func benchArrays(b *testing.B, run func(b *testing.B, v *Vector, texts [][]byte)) {
	for _, name := range []string{"BIGINT", "STRING", "ROW"} {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				v, texts := arrays(b, benchTypes[name].t, n, benchTypes[name].element)
				b.ReportAllocs()
				b.ResetTimer()
				run(b, v, texts)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1000*n), "ns/element")
			})
		}
	}
}

// BenchmarkElements walks over arrays and decodes every element.
func BenchmarkElements(b *testing.B) {
	benchArrays(b, func(b *testing.B, v *Vector, _ [][]byte) {
		var to Vector
		for range b.N {
			to.Reset(v.Type.Elem())
			for r := range 1000 {
				for e := v.Elements(r); e.Next(); {
					e.Append(&to)
				}
			}
		}
	})
}

// BenchmarkNestedText reads arrays from JSON.
func BenchmarkNestedText(b *testing.B) {
	benchArrays(b, func(b *testing.B, v *Vector, texts [][]byte) {
		p := NewTextParser(v.Type, nil)
		var to Vector
		for range b.N {
			to.Reset(v.Type)
			for _, text := range texts {
				if err := p.Append(&to, text); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkNestedPrint writes arrays as JSON.
func BenchmarkNestedPrint(b *testing.B) {
	benchArrays(b, func(b *testing.B, v *Vector, _ [][]byte) {
		var to []byte
		for range b.N {
			to = to[:0]
			for r := range 1000 {
				to = AppendJSON(to, v, r)
			}
		}
	})
}
