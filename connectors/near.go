package connectors

import "strings"

// Near returns the candidate that name was most likely meant to be, or "" when
// none is close enough: at most one edit for each three letters, and one.
func Near(name string, candidates []string) string {
	best, limit := "", len(name)/3+1
	if len(name) <= 2 {
		limit = len(name) - 1
	}
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		if d := edits(strings.ToLower(name), strings.ToLower(c)); d < limit || d == limit && best == "" {
			best, limit = c, d
		}
	}
	return best
}

// edits is the Levenshtein distance of two short names, in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 0; i < len(a); i++ {
		diag := row[0]
		row[0] = i + 1
		for j := 0; j < len(b); j++ {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// didYouMean returns a hint for a misspelt name, or the list of names.
func didYouMean(name string, candidates []string) string {
	if n := Near(name, candidates); n != "" {
		return "did you mean " + n + "?"
	}
	return "there are: " + strings.Join(candidates, ", ")
}
