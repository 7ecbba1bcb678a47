package expr

import (
	"testing"

	"tidemark/operators/data"
)

func TestEveryExampleOfTheFunctionTable(t *testing.T) {
	for _, info := range Functions() {
		if info.Doc == "" || len(info.Examples) == 0 || len(info.Signatures) == 0 {
			t.Errorf("%s is not documented", info.Name)
		}
		if byName[info.Name].elsewhere {
			continue // the test of the manual runs it as a query
		}
		for _, ex := range info.Examples {
			e, err := bind(ex.Expr, nil)
			if err != nil {
				t.Errorf("%s: %v", ex.Expr, err)
				continue
			}
			got, err := evalRow(e, &data.Batch{N: 1}, 0)
			if err != nil || got != ex.Value {
				t.Errorf("%s = %s (%s), %v; the table says %s", ex.Expr, got, e.Type(), err, ex.Value)
			}
		}
	}
}
