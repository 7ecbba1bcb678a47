package connectors

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"
)

// Registry knows the connectors by name. It is filled once and then only read.
type Registry struct {
	byName map[string]Connector
	// Print makes the sink of a result that is printed: a SELECT without INSERT.
	Print func(PrintConfig) (Sink, error)
}

// NewRegistry returns a registry without connectors.
func NewRegistry() *Registry { return &Registry{byName: map[string]Connector{}} }

// Register adds a connector; a later one of the same name replaces it.
func (r *Registry) Register(c Connector) { r.byName[strings.ToLower(c.Name)] = c }

// Lookup returns the connector called name, ignoring case.
func (r *Registry) Lookup(name string) (Connector, bool) {
	c, ok := r.byName[strings.ToLower(name)]
	return c, ok
}

// Names returns the connectors' names, sorted.
func (r *Registry) Names() []string {
	names := make([]string, 0, len(r.byName))
	for _, c := range r.byName {
		names = append(names, c.Name)
	}
	sort.Strings(names)
	return names
}

// InferConnector returns the connector of a relation: the one its options name,
// else stdin or stdout for path '-', else file when there is a path, else "".
func InferConnector(o Options, sink bool) string {
	path, hasPath := o.Get("path")
	name, named := o.Get("connector")
	switch {
	case hasPath && path == "-" && (!named || strings.EqualFold(name, "file")):
		if sink {
			return "stdout"
		}
		return "stdin"
	case named:
		return strings.ToLower(name)
	case hasPath:
		return "file"
	}
	return ""
}

// InferFormat returns the format of a relation, lower case: the one its options
// name, else what the suffix of its path says, else "".
func InferFormat(o Options) string {
	if f, ok := o.Get("format"); ok {
		f = strings.ToLower(f)
		switch f {
		case "ndjson", "jsonl":
			return "json"
		}
		return f
	}
	path := strings.TrimSuffix(strings.ToLower(o.Text("path", "")), ".gz")
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return ""
	}
	switch path[dot+1:] {
	case "csv":
		return "csv"
	case "tsv":
		return "tsv"
	case "json", "ndjson", "jsonl":
		return "json"
	case "parquet", "avro":
		return path[dot+1:]
	}
	return ""
}

// Changelog reports whether the format of a relation tells what a row does: an
// update or a deletion is then read from it, or written, as one.
func Changelog(o Options) bool {
	f := InferFormat(o)
	return f == "debezium-json" || f == "changelog-json"
}

// EngineOptions are the source options that the engine itself reads; they are
// allowed for every connector.
func EngineOptions() []OptionSpec {
	return []OptionSpec{
		{Name: "connector", Doc: "The connector.", Source: true, Sink: true},
		{Name: "dead_letter", Source: true, Doc: "Under on_error = 'dead_letter': the declared stream that gets the bad records."},
		{Name: "idle_timeout", Kind: "duration", Default: "30s", Source: true, Doc: "Of an input without an end: a partition that gives nothing for so long no longer holds the watermark; '0' is never."},
		{Name: "max_future_drift", Kind: "duration", Default: "without limit", Source: true, Doc: "A row further ahead than this does not move the watermark: ahead of the clock for an input without an end, else of the latest row before it."},
		{Name: "alignment", Kind: "duration", Default: "without limit", Source: true, Doc: "How far the watermark may be ahead of that of the slowest source, before reading waits for it."},
		{Name: "typical_delay", Kind: "duration", Source: true, Doc: "How long the source usually is silent. After three times as long it is reported as stalled."},
		{Name: "reliability", Kind: "share", Default: "1", Source: true, Doc: "How far the source is to be relied on, from 0 to 1, for the confidence in reports."},
	}
}

// Check returns what is wrong with the options of a relation, each error naming
// its option: an unknown connector or option, a value of the wrong form, a
// missing option, use in the wrong direction.
func (r *Registry) Check(connector string, opts Options, sink bool) []*OptionError {
	c, ok := r.Lookup(connector)
	if !ok {
		return []*OptionError{{"connector", fmt.Sprintf("there is no connector '%s'", connector), didYouMean(connector, r.Names())}}
	}
	if sink && c.NewSink == nil || !sink && c.NewSource == nil {
		return []*OptionError{r.wrongDirection(c, sink)}
	}
	specs := append(append([]OptionSpec{}, c.Options...), EngineOptions()...)
	var errs []*OptionError
	for _, name := range opts.Names() {
		if e := checkOption(c, specs, opts, name, sink); e != nil {
			errs = append(errs, e)
		}
	}
	for _, s := range specs {
		if s.Required && (sink && s.Sink || !sink && s.Source) && !opts.Has(s.Name) {
			errs = append(errs, &OptionError{s.Name, fmt.Sprintf("connector '%s' needs the option %s", c.Name, s.Name), s.Doc})
		}
	}
	if c.Check != nil && len(errs) == 0 {
		if e := asOptionError(c.Check(opts, sink)); e != nil {
			errs = append(errs, e)
		}
	}
	return errs
}

func (r *Registry) wrongDirection(c Connector, sink bool) *OptionError {
	var able []string
	for _, n := range r.Names() {
		o, _ := r.Lookup(n)
		if sink && o.NewSink != nil || !sink && o.NewSource != nil {
			able = append(able, n)
		}
	}
	verb, dir := "read from", "a source"
	if sink {
		verb, dir = "written to", "a sink"
	}
	return &OptionError{"connector", fmt.Sprintf("connector '%s' cannot be %s", c.Name, verb),
		fmt.Sprintf("use one of these as %s: %s", dir, strings.Join(able, ", "))}
}

func checkOption(c Connector, specs []OptionSpec, opts Options, name string, sink bool) *OptionError {
	var usable []string
	for _, s := range specs {
		if sink && s.Sink || !sink && s.Source {
			usable = append(usable, s.Name)
		}
		if !matchName(s.Name, name) {
			continue
		}
		if sink && !s.Sink {
			return &OptionError{name, fmt.Sprintf("option %s is for sources, and this is a sink", name), "leave it out"}
		}
		if !sink && !s.Source {
			return &OptionError{name, fmt.Sprintf("option %s is for sinks, and this is a source", name), "leave it out"}
		}
		if f := InferFormat(opts); len(s.Formats) > 0 && f != "" && !contains(s.Formats, f) {
			return &OptionError{name, fmt.Sprintf("option %s does nothing for format '%s'", name, f),
				"it is for " + strings.Join(s.Formats, ", ")}
		}
		return checkValue(s, opts, name)
	}
	return &OptionError{name, fmt.Sprintf("connector '%s' has no option %s", c.Name, name), didYouMean(name, usable)}
}

// checkValue tests the form of a value through the typed getters.
func checkValue(s OptionSpec, opts Options, name string) *OptionError {
	if s.Secret {
		value, _ := opts.Get(name)
		return asOptionError(checkSecret(name, value))
	}
	var err error
	switch s.Kind {
	case "bool":
		_, err = opts.Bool(name, false)
	case "int":
		_, err = opts.Int(name, 0, math.MinInt64, math.MaxInt64)
	case "number":
		_, err = opts.Number(name, 0, -math.MaxFloat64)
	case "share":
		_, err = opts.Share(name, 0)
	case "duration":
		_, err = opts.Duration(name, 0)
	case "size":
		_, err = opts.Size(name, 0, 0, math.MaxInt64)
	case "char":
		_, err = opts.Char(name, 0)
	default:
		if len(s.Values) > 0 {
			_, err = opts.Enum(name, "", s.Values...)
		}
	}
	return asOptionError(err)
}

// asOptionError returns the OptionError that err is, nil when it is none.
func asOptionError(err error) *OptionError {
	var oe *OptionError
	if errors.As(err, &oe) {
		return oe
	}
	return nil
}

// matchName reports whether name is the option called pattern, in which one *
// stands for any text.
func matchName(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == name
	}
	return len(name) > len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
