package plan

import "strings"

// OverFunc is a window function that is no aggregate, or OverAggregate.
type OverFunc uint8

// The window functions.
const (
	OverAggregate OverFunc = iota
	OverRowNumber
	OverRank
	OverDenseRank
	OverPercentRank
	OverCumeDist
	OverNtile
	OverLag
	OverLead
	OverFirst
	OverLast
	OverNth
)

// Framed reports whether a function looks at the frame of its row.
func (f OverFunc) Framed() bool { return f == OverAggregate || f >= OverFirst }

// Whole reports whether a function needs to know all rows of the partition.
func (f OverFunc) Whole() bool { return f == OverPercentRank || f == OverCumeDist || f == OverNtile }

// OverInfo documents one window function.
type OverInfo struct {
	Func       OverFunc
	Name       string
	Signatures []string
	Doc        string
	Examples   []OverExample
}

// OverExample is a call, what it is computed over, and its value as text: SELECT Call
// FROM From gives one row with Value.
type OverExample struct{ Call, From, Value string }

const thirdRow = "(VALUES (1, 5), (2, 7), (3, 7)) AS t (id, x) QUALIFY id = 3"

var overInfos = []OverInfo{
	{OverCumeDist, "CUME_DIST", []string{"CUME_DIST() OVER (… ORDER BY …) → DOUBLE"},
		"The part of the partition's rows that come before the row or tie with it.",
		[]OverExample{{"CUME_DIST() OVER (ORDER BY x)", thirdRow, "1"}}},
	{OverDenseRank, "DENSE_RANK", []string{"DENSE_RANK() OVER (… ORDER BY …) → BIGINT"},
		"The rank of the row where rows that tie are counted once.",
		[]OverExample{{"DENSE_RANK() OVER (ORDER BY x)", thirdRow, "2"}}},
	{OverFirst, "FIRST_VALUE", []string{"FIRST_VALUE(x) [IGNORE NULLS] OVER (…) → type of x"},
		"The value of x in the first row of the frame.",
		[]OverExample{{"FIRST_VALUE(x) OVER (ORDER BY id)", thirdRow, "5"}}},
	{OverLag, "LAG", []string{"LAG(x [, n [, default]]) [IGNORE NULLS] OVER (… ORDER BY …) → type of x"},
		"The value of x in the row that is n rows before, 1 unless it is said; the default, or NULL, where there is none.",
		[]OverExample{{"LAG(x, 2, 0) OVER (ORDER BY id)", thirdRow, "5"}}},
	{OverLast, "LAST_VALUE", []string{"LAST_VALUE(x) [IGNORE NULLS] OVER (…) → type of x"},
		"The value of x in the last row of the frame, which is the row itself or one that ties with it unless a frame is written.",
		[]OverExample{{"LAST_VALUE(id) OVER (ORDER BY x)", thirdRow, "3"}}},
	{OverLead, "LEAD", []string{"LEAD(x [, n [, default]]) [IGNORE NULLS] OVER (… ORDER BY …) → type of x"},
		"The value of x in the row that is n rows behind, 1 unless it is said; the default, or NULL, where there is none.",
		[]OverExample{{"LEAD(x, 1, 0) OVER (ORDER BY id)", thirdRow, "0"}}},
	{OverNth, "NTH_VALUE", []string{"NTH_VALUE(x, n) [IGNORE NULLS] OVER (…) → type of x"},
		"The value of x in the n-th row of the frame, counted from 1; NULL where the frame has fewer.",
		[]OverExample{{"NTH_VALUE(x, 2) OVER (ORDER BY id)", thirdRow, "7"}}},
	{OverNtile, "NTILE", []string{"NTILE(n) OVER (…) → BIGINT"},
		"In which of n parts of the partition the row falls, from 1 on. The parts differ by one row at most, the longer ones first.",
		[]OverExample{{"NTILE(2) OVER (ORDER BY id)", thirdRow, "2"}}},
	{OverPercentRank, "PERCENT_RANK", []string{"PERCENT_RANK() OVER (… ORDER BY …) → DOUBLE"},
		"The part of the partition's other rows that come before the row.",
		[]OverExample{{"PERCENT_RANK() OVER (ORDER BY x)", thirdRow, "0.5"}}},
	{OverRank, "RANK", []string{"RANK() OVER (… ORDER BY …) → BIGINT"},
		"One more than the number of rows that come before the row; rows that tie have the same.",
		[]OverExample{{"RANK() OVER (ORDER BY x)", thirdRow, "2"}}},
	{OverRowNumber, "ROW_NUMBER", []string{"ROW_NUMBER() OVER (…) → BIGINT"},
		"The number of the row in its partition, from 1 on. Rows that tie are numbered in order of arrival.",
		[]OverExample{{"ROW_NUMBER() OVER (ORDER BY x)", thirdRow, "3"}}},
}

// OverInfos lists the window functions that are no aggregates, sorted by name. Every
// aggregate is one, too.
func OverInfos() []OverInfo { return overInfos }

// FindOver returns the window function of a name in any case; ok is false where it
// has none, or that of an aggregate alone.
func FindOver(name string) (f OverFunc, ok bool) {
	for _, i := range overInfos {
		if strings.EqualFold(i.Name, name) {
			return i.Func, true
		}
	}
	return 0, false
}
