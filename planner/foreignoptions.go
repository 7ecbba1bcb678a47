package planner

import "strings"

// foreignOptions are Flink's names of options that have others here, so that a
// copied CREATE TABLE runs.
var foreignOptions = map[string]string{
	"csv.field-delimiter": "delimiter", "csv.quote-character": "quote", "csv.null-literal": "null",
	"csv.ignore-parse-errors": "on_error", "json.ignore-parse-errors": "on_error",
}

// ownOption translates an option that is written as Flink has it, with the name of
// the format before its own or with its own values.
func ownOption(key, value string) (ownKey, ownValue string) {
	if own, ok := foreignOptions[key]; ok {
		if own == "on_error" {
			value = map[bool]string{true: "skip", false: "fail"}[strings.EqualFold(value, "true")]
		}
		return own, value
	}
	for _, format := range []string{"csv.", "tsv.", "json.", "parquet."} {
		if rest, ok := strings.CutPrefix(key, format); ok && !strings.Contains(rest, ".") && !strings.Contains(rest, "-") {
			return rest, value
		}
	}
	switch {
	case key == "connector" && strings.EqualFold(value, "filesystem"):
		return key, "file"
	case key == "path":
		if rest, ok := strings.CutPrefix(value, "file:"); ok {
			return key, "/" + strings.TrimLeft(rest, "/")
		}
	}
	return key, value
}
