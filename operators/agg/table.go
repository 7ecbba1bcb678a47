package agg

import (
	"slices"
	"strings"
)

// entry is one aggregate of the table.
type entry struct {
	name        string
	aliases     []string
	doc         string
	signatures  []string
	least, most int  // arguments
	distinct    bool // DISTINCT makes a difference
	// bind works out what f, which has Name, Args and Distinct, is for a call.
	bind func(s *Spec, f *Func) error
}

// table has all aggregates, sorted by name.
var table = []entry{
	{name: "AVG", least: 1, most: 1, distinct: true, bind: bindAvg,
		doc:        "The mean of the values that are not NULL, exact and then rounded once; NULL without any.",
		signatures: []string{"AVG(INT | BIGINT) → DECIMAL(38,6)", "AVG(DECIMAL(p,s)) → DECIMAL(38,max(s,6))", "AVG(DOUBLE) → DOUBLE"}},
	{name: "COUNT", least: 0, most: 1, distinct: true, bind: bindCount,
		doc:        "The number of rows, or of values that are not NULL.",
		signatures: []string{"COUNT(*) → BIGINT", "COUNT(x) → BIGINT"}},
	{name: "MAX", least: 1, most: 1, bind: bindExtreme,
		doc:        "The greatest value; NULL without any.",
		signatures: []string{"MAX(x) → type of x"}},
	{name: "MIN", least: 1, most: 1, bind: bindExtreme,
		doc:        "The least value; NULL without any.",
		signatures: []string{"MIN(x) → type of x"}},
	{name: "SUM", least: 1, most: 1, distinct: true, bind: bindSum,
		doc:        "The sum of the values that are not NULL, checked against its type when it is emitted; NULL without any.",
		signatures: []string{"SUM(INT | BIGINT) → BIGINT", "SUM(DECIMAL(p,s)) → DECIMAL(38,s)", "SUM(DOUBLE) → DOUBLE"}},
}

// find returns the entry of a name or alias in any case, nil when there is none.
func find(name string) *entry {
	name = strings.ToUpper(name)
	for i := range table {
		e := &table[i]
		if e.name == name {
			return e
		}
		for _, a := range e.aliases {
			if a == name {
				return e
			}
		}
	}
	return nil
}

// Names returns the names and aliases of all aggregates, sorted.
func Names() []string {
	var names []string
	for _, e := range table {
		names = append(append(names, e.name), e.aliases...)
	}
	slices.Sort(names)
	return names
}
