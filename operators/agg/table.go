package agg

import "tidemark/operators/data"

// entry is one aggregate of the table.
type entry struct {
	name        string
	aliases     []string
	doc         string
	signatures  []string
	examples    []Example
	least, most int  // arguments
	distinct    bool // values are to be taken once: DISTINCT matters, and is not in the state itself
	// bind works out what f, which has Name, Args and Distinct, is for a call.
	bind func(s *Spec, f *Func) error
}

// table has all aggregates, sorted by name.
var table = []entry{
	{name: "ANY_VALUE", least: 1, most: 1, bind: bindAny,
		doc:        "One of the values that are not NULL; NULL without any. It is always the least, so that no order of rows shows.",
		signatures: []string{"ANY_VALUE(x) → type of x"},
		examples: []Example{
			{"ANY_VALUE(x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "1"},
		}},
	{name: "APPROX_COUNT_DISTINCT", least: 1, most: 1, bind: bindApproxCount,
		doc:        "About how many different values there are: exact up to 1024, with a standard error of 0.8 % beyond, in 16 KiB at most.",
		signatures: []string{"APPROX_COUNT_DISTINCT(x) → BIGINT"},
		examples: []Example{
			{"APPROX_COUNT_DISTINCT(x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "2"},
		}},
	{name: "APPROX_PERCENTILE", least: 1, most: 2, bind: bindApproxPercentile,
		doc: "A number within 1 % of the value at or before which that fraction of all values lies, in memory that does not grow with them.",
		signatures: []string{
			"APPROX_PERCENTILE(x, fraction) → DOUBLE",
			"APPROX_PERCENTILE(fraction) WITHIN GROUP (ORDER BY x) → DOUBLE",
		},
		examples: []Example{
			{"CAST(APPROX_PERCENTILE(x, 0.5) AS DECIMAL(6,0))", "(VALUES (0), (100), (200)) AS t (x)", "100"},
		}},
	{name: "ARG_MAX", aliases: []string{"MAX_BY"}, least: 2, most: 2, bind: bindArg,
		doc:        "The value of x in the row with the greatest y, of several the first to arrive. Rows without y do not count.",
		signatures: []string{"ARG_MAX(x, y) → type of x"},
		examples: []Example{
			{"ARG_MAX(x, y)", "(VALUES ('a', 1), ('b', 3), ('c', 2)) AS t (x, y)", "b"},
		}},
	{name: "ARG_MIN", aliases: []string{"MIN_BY"}, least: 2, most: 2, bind: bindArg,
		doc:        "The value of x in the row with the least y, of several the first to arrive. Rows without y do not count.",
		signatures: []string{"ARG_MIN(x, y) → type of x"},
		examples: []Example{
			{"ARG_MIN(x, y)", "(VALUES ('a', 2), ('b', 1), ('c', 3)) AS t (x, y)", "b"},
		}},
	{name: "ARRAY_AGG", least: 1, most: 1, bind: bindArrayAgg,
		doc:        "All values, NULLs among them, in order of arrival or of ORDER BY; with DISTINCT each once, in their own order. At most 16 MiB.",
		signatures: []string{"ARRAY_AGG([DISTINCT] x [ORDER BY …]) → ARRAY<type of x>"},
		examples: []Example{
			{"ARRAY_AGG(x)", "(VALUES (3), (1), (NULL)) AS t (x)", "[3,1,null]"},
			{"ARRAY_AGG(x ORDER BY x DESC)", "(VALUES (1), (3), (2)) AS t (x)", "[3,2,1]"},
			{"ARRAY_AGG(DISTINCT x)", "(VALUES (2), (1), (2)) AS t (x)", "[1,2]"},
		}},
	{name: "AVG", aliases: []string{"MEAN"}, least: 1, most: 1, distinct: true, bind: bindAvg,
		doc: "The mean of the values that are not NULL: their exact sum is divided and rounded once, but for DOUBLE, whose sum is rounded before; NULL without any.",
		signatures: []string{
			"AVG(INT | BIGINT) → DECIMAL(38,6)",
			"AVG(DECIMAL(p,s)) → DECIMAL(38,max(s,6))",
			"AVG(DOUBLE) → DOUBLE",
		},
		examples: []Example{
			{"AVG(x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "1.666667"},
		}},
	{name: "BIT_AND_AGG", aliases: []string{"BIT_AND"}, least: 1, most: 1, bind: bindBits(bitAnd),
		doc:        "The bits that are set in all values.",
		signatures: []string{"BIT_AND_AGG(INT | BIGINT) → type of x"},
		examples: []Example{
			{"BIT_AND_AGG(x)", "(VALUES (6), (3)) AS t (x)", "2"},
		}},
	{name: "BIT_OR_AGG", aliases: []string{"BIT_OR"}, least: 1, most: 1, bind: bindBits(bitOr),
		doc:        "The bits that are set in any value.",
		signatures: []string{"BIT_OR_AGG(INT | BIGINT) → type of x"},
		examples: []Example{
			{"BIT_OR_AGG(x)", "(VALUES (6), (3)) AS t (x)", "7"},
		}},
	{name: "BIT_XOR_AGG", aliases: []string{"BIT_XOR"}, least: 1, most: 1, distinct: true, bind: bindBits(bitXor),
		doc:        "The bits that are set in an odd number of values.",
		signatures: []string{"BIT_XOR_AGG([DISTINCT] INT | BIGINT) → type of x"},
		examples: []Example{
			{"BIT_XOR_AGG(x)", "(VALUES (6), (3)) AS t (x)", "5"},
		}},
	{name: "BOOL_AND", aliases: []string{"EVERY"}, least: 1, most: 1, bind: bindTruth(data.Boolean, allTrue),
		doc:        "Whether the condition holds in every row where it is not NULL; NULL without any.",
		signatures: []string{"BOOL_AND(BOOLEAN) → BOOLEAN"},
		examples: []Example{
			{"BOOL_AND(x)", "(VALUES (TRUE), (FALSE), (NULL)) AS t (x)", "false"},
		}},
	{name: "BOOL_OR", least: 1, most: 1, bind: bindTruth(data.Boolean, anyTrue),
		doc:        "Whether the condition holds in any row; NULL without any where it is not NULL.",
		signatures: []string{"BOOL_OR(BOOLEAN) → BOOLEAN"},
		examples: []Example{
			{"BOOL_OR(x)", "(VALUES (TRUE), (FALSE), (NULL)) AS t (x)", "true"},
		}},
	{name: "CORR", least: 2, most: 2, bind: bindPairs("correlation", 1, correlation),
		doc:        "The correlation coefficient of pairs without NULLs; NULL where one side never varies.",
		signatures: []string{"CORR(x, y) → DOUBLE"},
		examples: []Example{
			{"CORR(x, y)", "(VALUES (1, 2), (2, 4), (3, 6)) AS t (x, y)", "1"},
		}},
	{name: "COUNT", most: 1, distinct: true, bind: bindCount,
		doc: "The number of rows, or of values that are not NULL.",
		signatures: []string{
			"COUNT(*) → BIGINT",
			"COUNT([DISTINCT] x) → BIGINT",
		},
		examples: []Example{
			{"COUNT(*)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "4"},
			{"COUNT(x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "3"},
			{"COUNT(DISTINCT x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "2"},
		}},
	{name: "COUNT_IF", aliases: []string{"COUNTIF"}, least: 1, most: 1, distinct: true, bind: bindTruth(data.BigInt, howManyTrue),
		doc:        "The number of rows in which the condition holds.",
		signatures: []string{"COUNT_IF(BOOLEAN) → BIGINT"},
		examples: []Example{
			{"COUNT_IF(x > 1)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "2"},
		}},
	{name: "COVAR_POP", least: 2, most: 2, bind: bindPairs("covariance", 1, covariancePop),
		doc:        "The covariance of pairs without NULLs, taken as the whole population.",
		signatures: []string{"COVAR_POP(x, y) → DOUBLE"},
		examples: []Example{
			{"COVAR_POP(x, y)", "(VALUES (1, 2), (3, 6)) AS t (x, y)", "2"},
		}},
	{name: "COVAR_SAMP", least: 2, most: 2, bind: bindPairs("covariance", 2, covarianceSamp),
		doc:        "The covariance of pairs without NULLs, taken as a sample; NULL for fewer than two.",
		signatures: []string{"COVAR_SAMP(x, y) → DOUBLE"},
		examples: []Example{
			{"COVAR_SAMP(x, y)", "(VALUES (1, 2), (2, 4), (3, 6)) AS t (x, y)", "2"},
		}},
	{name: "FIRST_VALUE", least: 1, most: 1, bind: bindFirstLast,
		doc:        "The value of the first row by ORDER BY, else by event time, then by arrival. NULL is a value unless IGNORE NULLS is written.",
		signatures: []string{"FIRST_VALUE(x [ORDER BY …]) [IGNORE NULLS] → type of x"},
		examples: []Example{
			{"FIRST_VALUE(x ORDER BY y)", "(VALUES ('a', 2), ('b', 1)) AS t (x, y)", "b"},
		}},
	{name: "JSON_AGG", least: 1, most: 1, bind: bindJSONArrayAgg,
		doc:        "JSON_ARRAYAGG with NULLs, as null: what PostgreSQL has. At most 16 MiB.",
		signatures: []string{"JSON_AGG([DISTINCT] x [ORDER BY …]) → JSON"},
		examples: []Example{
			{"JSON_AGG(x)", "(VALUES (1), (2), (NULL)) AS t (x)", "[1,2,null]"},
		}},
	{name: "JSON_ARRAYAGG", least: 1, most: 1, bind: bindJSONArrayAgg,
		doc:        "A JSON array of the values that are not NULL, in order of arrival or of ORDER BY. At most 16 MiB.",
		signatures: []string{"JSON_ARRAYAGG([DISTINCT] x [ORDER BY …] [NULL ON NULL]) → JSON"},
		examples: []Example{
			{"JSON_ARRAYAGG(x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "[1,2,2]"},
		}},
	{name: "JSON_OBJECTAGG", aliases: []string{"JSON_OBJECT_AGG"}, least: 2, most: 2, bind: bindJSONObjectAgg,
		doc:        "A JSON object of keys and values. A key that comes again keeps its place and takes the new value; a NULL key is an error. At most 16 MiB.",
		signatures: []string{"JSON_OBJECTAGG(key, value [ORDER BY …] [ABSENT ON NULL]) → JSON"},
		examples: []Example{
			{"JSON_OBJECTAGG(x, y)", "(VALUES ('a', 1), ('b', 2), ('a', 3)) AS t (x, y)", `{"a":3,"b":2}`},
		}},
	{name: "LAST_VALUE", least: 1, most: 1, bind: bindFirstLast,
		doc:        "The value of the last row by ORDER BY, else by event time, then by arrival. NULL is a value unless IGNORE NULLS is written.",
		signatures: []string{"LAST_VALUE(x [ORDER BY …]) [IGNORE NULLS] → type of x"},
		examples: []Example{
			{"LAST_VALUE(x ORDER BY y)", "(VALUES ('a', 2), ('b', 1)) AS t (x, y)", "a"},
		}},
	{name: "MAX", least: 1, most: 1, bind: bindExtreme,
		doc:        "The greatest value; NULL without any.",
		signatures: []string{"MAX(x) → type of x"},
		examples: []Example{
			{"MAX(x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "2"},
		}},
	{name: "MEDIAN", least: 1, most: 1, distinct: true, bind: bindMedian,
		doc: "The value in the middle, between the two of an even number: PERCENTILE_CONT(0.5).",
		signatures: []string{
			"MEDIAN([DISTINCT] INT | BIGINT) → DECIMAL(38,6)",
			"MEDIAN(DECIMAL(p,s)) → DECIMAL(38,max(s,6))",
			"MEDIAN(DOUBLE) → DOUBLE",
			"MEDIAN(INTERVAL) → INTERVAL",
		},
		examples: []Example{
			{"MEDIAN(x)", "(VALUES (1), (2), (5), (9)) AS t (x)", "3.500000"},
		}},
	{name: "MIN", least: 1, most: 1, bind: bindExtreme,
		doc:        "The least value; NULL without any.",
		signatures: []string{"MIN(x) → type of x"},
		examples: []Example{
			{"MIN(x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "1"},
		}},
	{name: "MODE", most: 1, distinct: true, bind: bindMode,
		doc: "The value that occurs most, of several the first in order; NULL without any.",
		signatures: []string{
			"MODE(x) → type of x",
			"MODE() WITHIN GROUP (ORDER BY x) → type of x",
		},
		examples: []Example{
			{"MODE(x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "2"},
			{"MODE() WITHIN GROUP (ORDER BY x DESC)", "(VALUES (1), (2)) AS t (x)", "2"},
		}},
	{name: "PERCENTILE_CONT", least: 1, most: 2, distinct: true, bind: bindPercentile,
		doc: "What lies at a fraction of the way from the least value to the greatest, exactly: between two values in proportion.",
		signatures: []string{
			"PERCENTILE_CONT(fraction) WITHIN GROUP (ORDER BY x) → as MEDIAN(x)",
			"PERCENTILE_CONT([DISTINCT] x, fraction) → as MEDIAN(x)",
		},
		examples: []Example{
			{"PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY x)", "(VALUES (10), (20), (40)) AS t (x)", "15.000000"},
		}},
	{name: "PERCENTILE_DISC", least: 1, most: 2, distinct: true, bind: bindPercentile,
		doc: "The first value at or before which that fraction of all values lies.",
		signatures: []string{
			"PERCENTILE_DISC(fraction) WITHIN GROUP (ORDER BY x) → type of x",
			"PERCENTILE_DISC([DISTINCT] x, fraction) → type of x",
		},
		examples: []Example{
			{"PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY x)", "(VALUES ('a'), ('b'), ('c'), ('d')) AS t (x)", "b"},
		}},
	{name: "STDDEV_POP", least: 1, most: 1, distinct: true, bind: bindMoment("standard deviation", 1, deviationPop),
		doc:        "The standard deviation of the values that are not NULL, summed exactly and rounded once, taken as the whole population.",
		signatures: []string{"STDDEV_POP([DISTINCT] x) → DOUBLE"},
		examples: []Example{
			{"STDDEV_POP(x)", "(VALUES (2), (4), (4), (4), (5), (5), (7), (9)) AS t (x)", "2"},
		}},
	{name: "STDDEV_SAMP", aliases: []string{"STDDEV"}, least: 1, most: 1, distinct: true, bind: bindMoment("standard deviation", 2, deviationSamp),
		doc:        "The standard deviation of the values that are not NULL, summed exactly and rounded once, taken as a sample; NULL for fewer than two.",
		signatures: []string{"STDDEV_SAMP([DISTINCT] x) → DOUBLE"},
		examples: []Example{
			{"STDDEV_SAMP(x)", "(VALUES (1), (2), (3)) AS t (x)", "1"},
		}},
	{name: "STRING_AGG", aliases: []string{"LISTAGG"}, least: 1, most: 2, bind: bindStringAgg,
		doc: "The texts that are not NULL with a separator between them (a comma unless given), in order of arrival or of ORDER BY; with DISTINCT each once, in their own order. At most 16 MiB.",
		signatures: []string{
			"STRING_AGG([DISTINCT] STRING [, separator] [ORDER BY …]) → STRING",
			"LISTAGG(STRING [, separator]) WITHIN GROUP (ORDER BY …) → STRING",
		},
		examples: []Example{
			{"STRING_AGG(x, '; ' ORDER BY y)", "(VALUES ('a', 2), ('b', 1)) AS t (x, y)", "b; a"},
		}},
	{name: "SUM", least: 1, most: 1, distinct: true, bind: bindSum,
		doc: "The sum of the values that are not NULL, checked against its type when it is emitted; NULL without any.",
		signatures: []string{
			"SUM([DISTINCT] INT | BIGINT) → BIGINT",
			"SUM(DECIMAL(p,s)) → DECIMAL(38,s)",
			"SUM(DOUBLE) → DOUBLE",
		},
		examples: []Example{
			{"SUM(x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "5"},
			{"SUM(DISTINCT x)", "(VALUES (1), (2), (2), (NULL)) AS t (x)", "3"},
		}},
	{name: "VAR_POP", least: 1, most: 1, distinct: true, bind: bindMoment("variance", 1, variancePop),
		doc:        "The variance of the values that are not NULL, summed exactly and rounded once, taken as the whole population.",
		signatures: []string{"VAR_POP([DISTINCT] x) → DOUBLE"},
		examples: []Example{
			{"VAR_POP(x)", "(VALUES (2), (4), (4), (4), (5), (5), (7), (9)) AS t (x)", "4"},
		}},
	{name: "VAR_SAMP", aliases: []string{"VARIANCE"}, least: 1, most: 1, distinct: true, bind: bindMoment("variance", 2, varianceSamp),
		doc:        "The variance of the values that are not NULL, summed exactly and rounded once, taken as a sample; NULL for fewer than two.",
		signatures: []string{"VAR_SAMP([DISTINCT] x) → DOUBLE"},
		examples: []Example{
			{"VAR_SAMP(x)", "(VALUES (1), (2), (3)) AS t (x)", "1"},
		}},
	{name: "WINDOW_COMPLETENESS", least: 1, most: 1, bind: bindCompleteness,
		doc:        "How much of the rows that a window should have has come: their number divided by the constant number expected, at most 1.",
		signatures: []string{"WINDOW_COMPLETENESS(expected) → DOUBLE"},
		examples: []Example{
			{"WINDOW_COMPLETENESS(4)", "(VALUES (1), (2), (2)) AS t (x)", "0.75"},
			{"WINDOW_COMPLETENESS(2)", "(VALUES (1), (2), (2)) AS t (x)", "1"},
		}},
}
