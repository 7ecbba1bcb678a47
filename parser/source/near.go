package source

import "strings"

// Near returns the candidate that name was most likely meant to be, or "" when
// none is close: at most one edit for each three letters, and not all of them
// changed. An exact match but for case counts as near.
func Near(name string, candidates []string) string {
	best, bestDist := "", len(name)/3+1
	if len(name) <= 2 {
		bestDist = 1
	}
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		if d := distance(strings.ToLower(name), strings.ToLower(c), bestDist); d <= bestDist && d < max(len(name), len(c)) && (d < bestDist || best == "") {
			best, bestDist = c, d
		}
	}
	return best
}

// distance is the optimal string alignment distance (insert, delete, replace,
// swap of neighbours), cut off above limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
