package plan

import "strings"

// approximates says how exact the result is that a late row gives.
func (n *Aggregate) approximates() string {
	var parts []string
	for _, a := range n.Aggs {
		if a.Func.Bound != "" {
			parts = append(parts, a.Text+" "+a.Func.Bound)
		}
	}
	switch {
	case len(parts) == 0:
		return "with late rows: exact, as all aggregates are compact"
	case len(parts) < len(n.Aggs):
		parts = append(parts, "the others exact")
	}
	return "with late rows: " + strings.Join(parts, "; ")
}

// compacted says what a closed window keeps.
func (n *Aggregate) compacted() []string {
	var parts []string
	for _, a := range n.Aggs {
		switch {
		case a.Func.Bound == "":
		case a.Func.Name == "COUNT":
			parts = append(parts, a.Text+" at most 16 KB")
		default:
			parts = append(parts, a.Text+" at most 56 bytes for each 2 % between the least and the greatest value")
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{"state after the close: for each group " + strings.Join(parts, ", ")}
}
