package expr

import (
	"bytes"

	"tidemark/operators/data"
)

// anyEntries are x = ANY (array) and its relatives, which are called by names
// such as "= ANY" and "<> ALL".
func anyEntries() []*entry {
	docs := []struct{ op, any, all string }{
		{"=", "Whether the value is an element.", "Whether every element equals the value."},
		{"<>", "Whether an element differs from the value.", "Whether the value is no element."},
		{"<", "Whether the value is less than an element.", "Whether the value is less than every element."},
		{"<=", "Whether the value is at most as large as an element.", "Whether the value is at most as large as every element."},
		{">", "Whether the value is larger than an element.", "Whether the value is larger than every element."},
		{">=", "Whether the value is at least as large as an element.", "Whether the value is at least as large as every element."},
	}
	var list []*entry
	for _, d := range docs {
		one := func(quantifier, doc string, all bool, examples ...[2]string) {
			e := &entry{name: d.op + " " + quantifier, doc: doc, examples: examples, signatures: []string{"T " + d.op + " " + quantifier + " (ARRAY<T>) → BOOLEAN"},
				overloads: []*Function{overload("T, ARRAY<T>", "BOOLEAN", quantifiedKernel(d.op, all)).total().nullIn()}}
			list = append(list, e)
		}
		show := func(quantifier, array, value string) [2]string {
			return [2]string{"2 " + d.op + " " + quantifier + " (" + array + ")", value}
		}
		holds := map[string][3]string{ // for 2 against 1, 2 and 3
			"=": {"false", "true", "false"}, "<>": {"true", "false", "true"}, "<": {"false", "false", "true"},
			"<=": {"false", "true", "true"}, ">": {"true", "false", "false"}, ">=": {"true", "true", "false"},
		}[d.op]
		one("ANY", d.any, false, show("ANY", "ARRAY[1]", holds[0]), show("ANY", "ARRAY[]", "false"))
		one("ALL", d.all, true, show("ALL", "ARRAY[3]", holds[2]), show("ALL", "ARRAY[]", "true"))
	}
	return inFamily("operator", list)
}

// quantifiedKernel compares a value with the elements of an array until one
// decides. Where none does, a NULL on either side leaves the answer open.
func quantifiedKernel(op string, all bool) func(*Call) kernel {
	relation := relations[op]
	return func(c *Call) kernel {
		find := needle{t: c.Args[0].Type()}
		return boolRows(func(f *frame, i int) (bool, error) {
			if f.args[1].IsNull(i) {
				f.setNull(i)
				return false, nil
			}
			value := find.set(f.args[0], i)
			isNull, open := f.args[0].IsNull(i), false
			for e := f.elements(1, i); e.Next(); {
				if isNull || e.IsNull() {
					open = true
					continue
				}
				order := bytes.Compare(value, data.ComparableElement(find.t, e.Raw()))
				if relation.holds(order) != all {
					return !all, nil
				}
			}
			if open {
				f.setNull(i)
			}
			return all, nil
		})
	}
}
