package planner

import (
	"slices"
	"strconv"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// setting is something that SET sets for a script.
type setting struct {
	name, fallback, doc string
	// check returns the value in its one form; ok is false where it is none.
	check func(value string) (string, bool)
	want  string // what it may be, for messages
}

var settings = []setting{
	{"batch_size", "8192", "The most rows that are handled at once; it never changes a result.", wholeNumber, "a number from 1 on"},
	{"end_of_input", "close", "What the end of a bounded input does to open windows: close them, or hold them open.", oneOf("close", "hold"), "'close' or 'hold'"},
	{"estimate_keys", "1000", "How many keys EXPLAIN STATE counts with.", positiveNumber, "a number from 1 on"},
	{"estimate_rows", "1000/second", "How many rows of each source EXPLAIN STATE counts with.", rowRate, "a rate such as '100000/day', '70/minute' or '5000/second'"},
	{"parallelism", "processors", "How many workers each source and keyed operator gets; it never changes a result.", wholeNumber, "a number from 1 on"},
	{"rewrite", "on", "Whether plans are improved by the rewrite rules, or run as written; it never changes a result.", oneOf("on", "off"), "'on' or 'off'"},
	{"state_ttl", "", "For how long a join of tables without a bound in time remembers a row, and a key its first rows, by the watermark.", lengthOfTime, "a length of time such as '1 hour'"},
}

func wholeNumber(value string) (string, bool) {
	n, err := strconv.Atoi(value)
	return strconv.Itoa(n), err == nil && n > 0 && n <= 1<<20
}

// lengthOfTime checks an interval without months.
func lengthOfTime(value string) (string, bool) {
	return value, parseLength(value) > 0
}

// parseLength returns microseconds, 0 where the text is no length of time.
func parseLength(text string) int64 {
	d, err := data.ParseInterval([]byte(text))
	if err != nil || d.Hi != 0 || int64(d.Lo) < 0 {
		return 0
	}
	return int64(d.Lo)
}

func positiveNumber(value string) (string, bool) {
	n, err := strconv.ParseInt(value, 10, 64)
	return strconv.FormatInt(n, 10), err == nil && n > 0
}

// perSecond are the units of a rate.
var perSecond = map[string]float64{"s": 1, "second": 1, "m": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}

// rowRate checks a rate.
func rowRate(value string) (string, bool) {
	_, ok := parseRate(value)
	return strings.ToLower(value), ok
}

// parseRate returns rows a second.
func parseRate(value string) (float64, bool) {
	rows, unit, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(value, " ", "")), "/")
	n, err := strconv.ParseFloat(rows, 64)
	per := perSecond[unit]
	return n / max(per, 1), err == nil && n > 0 && n < 1e15 && per > 0
}

// estimate returns the value of one of the settings of EXPLAIN STATE.
func (r *Result) estimate(name string) string {
	if v := r.Settings[name]; v != "" {
		return v
	}
	return findSetting(name).fallback
}

// load is what EXPLAIN STATE counts with.
func (r *Result) load() plan.Load {
	rows, _ := parseRate(r.estimate("estimate_rows"))
	keys, _ := strconv.ParseInt(r.estimate("estimate_keys"), 10, 64)
	return plan.Load{RowsPerSecond: rows, Keys: keys}
}

func oneOf(values ...string) func(string) (string, bool) {
	return func(v string) (string, bool) {
		v = strings.ToLower(v)
		return v, slices.Contains(values, v)
	}
}

// foreignSettings begin the names of Flink's settings, which scripts may bring along.
var foreignSettings = []string{"table.", "execution.", "pipeline.", "parallelism.", "state.", "restart-strategy", "sql-client.", "taskmanager.", "jobmanager."}

// settingName is what a setting is called here: Flink's name of one that means the
// same will do.
func settingName(n *parser.Name) string {
	key := strings.ToLower(n.Text)
	if key == "table.exec.state.ttl" {
		return "state_ttl"
	}
	return key
}

// SettingNames returns the names of the settings.
func SettingNames() []string {
	var names []string
	for _, s := range settings {
		names = append(names, s.name)
	}
	return names
}

func findSetting(name string) *setting {
	for i := range settings {
		if settings[i].name == name {
			return &settings[i]
		}
	}
	return nil
}

// set carries out SET, which holds for the whole script.
func (b *binder) set(s *parser.Set) {
	key := settingName(s.Key)
	known := findSetting(key)
	if known == nil {
		b.unknownSetting(s.Key, key)
		return
	}
	l, ok := s.Value.X.(*parser.Literal)
	value := ""
	if ok {
		value, ok = known.check(l.Text)
	}
	if !ok {
		b.errorf(s.Value.Span(), known.doc, "%s must be %s", key, known.want)
		return
	}
	b.result.Settings[key] = value
	if key == "state_ttl" {
		b.ttlAt = &place{b.file, s.Span()}
	}
}

func (b *binder) unknownSetting(n *parser.Name, key string) {
	for _, prefix := range foreignSettings {
		if strings.HasPrefix(key, prefix) {
			b.warnf(n.Span(), "leave it out", "the setting %s has no meaning here", key)
			return
		}
	}
	names := SettingNames()
	hint := "there are: " + strings.Join(names, ", ")
	if near := source.Near(key, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	b.errorf(n.Span(), hint, "there is no setting %s", n.Text)
}

// reset carries out RESET.
func (b *binder) reset(r *parser.Reset) {
	if r.Key == nil {
		clear(b.result.Settings)
		return
	}
	key := settingName(r.Key)
	if findSetting(key) == nil {
		b.unknownSetting(r.Key, key)
		return
	}
	delete(b.result.Settings, key)
}

// checkHold refuses queries that would show nothing under end_of_input = 'hold':
// those that emit at the end of their input.
func (b *binder) checkHold() {
	if b.result.Settings["end_of_input"] != "hold" {
		return
	}
	for _, q := range b.result.Queries {
		waits := false
		plan.Walk(q.Root, func(n plan.Node) {
			s, ok := n.(*plan.Sort)
			waits = waits || ok && (len(s.Keys) > 0 || s.Input.Properties().Updating)
		})
		if waits {
			b.errs.Errorf(q.File, q.Span, "leave out what orders or limits the whole result, or EMIT FINAL; or RESET end_of_input",
				"the result comes at the end of its input, which end_of_input = 'hold' keeps open")
		}
	}
}
