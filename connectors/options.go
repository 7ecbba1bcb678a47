package connectors

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
)

// OptionError is an error about one option of a relation.
type OptionError struct {
	// Option is the option's key as given; for a missing one, its name.
	Option string
	// Message says what is wrong, without a final full stop.
	Message string
	// Hint says how to mend it; may be empty.
	Hint string
}

// Error returns the message and the hint.
func (e *OptionError) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + " (" + e.Hint + ")"
}

// Options are the WITH options of a relation. Keys are compared ignoring case.
// The zero value has none.
type Options struct {
	m map[string]option
}

type option struct{ key, value string }

// NewOptions returns the options of a map; the map is copied.
func NewOptions(m map[string]string) Options {
	o := Options{m: make(map[string]option, len(m))}
	for k, v := range m {
		o.m[strings.ToLower(k)] = option{k, v}
	}
	return o
}

// With returns a copy of o in which name has the given value.
func (o Options) With(name, value string) Options {
	m := make(map[string]option, len(o.m)+1)
	for k, v := range o.m {
		m[k] = v
	}
	m[strings.ToLower(name)] = option{name, value}
	return Options{m: m}
}

// Names returns the keys as they were given, sorted.
func (o Options) Names() []string {
	names := make([]string, 0, len(o.m))
	for _, v := range o.m {
		names = append(names, v.key)
	}
	sort.Strings(names)
	return names
}

// Get returns the value of an option and whether it was given.
func (o Options) Get(name string) (string, bool) {
	v, ok := o.m[strings.ToLower(name)]
	return v.value, ok
}

// Has reports whether an option was given.
func (o Options) Has(name string) bool {
	_, ok := o.m[strings.ToLower(name)]
	return ok
}

// Text returns the value of an option, or def.
func (o Options) Text(name, def string) string {
	if v, ok := o.Get(name); ok {
		return v
	}
	return def
}

// Enum returns the value of an option, which must be one of values (ignoring
// case), or def.
func (o Options) Enum(name, def string, values ...string) (string, error) {
	v, ok := o.Get(name)
	if !ok {
		return def, nil
	}
	for _, w := range values {
		if strings.EqualFold(v, w) {
			return w, nil
		}
	}
	return "", &OptionError{name, fmt.Sprintf("%s = '%s' is none of its values", name, v), didYouMean(v, values)}
}

// Bool returns the value of a true/false option, or def.
func (o Options) Bool(name string, def bool) (bool, error) {
	v, ok := o.Get(name)
	if !ok {
		return def, nil
	}
	switch strings.ToLower(v) {
	case "true", "on", "yes", "1":
		return true, nil
	case "false", "off", "no", "0":
		return false, nil
	}
	return false, &OptionError{name, fmt.Sprintf("%s = '%s' is not a truth value", name, v), "use 'true' or 'false'"}
}

// Int returns the value of a whole-number option between lo and hi, or def.
func (o Options) Int(name string, def, lo, hi int64) (int64, error) {
	v, ok := o.Get(name)
	if !ok {
		return def, nil
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(v), "_", ""), 10, 64)
	if err != nil {
		return 0, &OptionError{name, fmt.Sprintf("%s = '%s' is not a whole number", name, v), "write digits, for example '1000'"}
	}
	if n < lo || n > hi {
		msg := fmt.Sprintf("%s = %d is out of range", name, n)
		if hi == math.MaxInt64 {
			return 0, &OptionError{name, msg, fmt.Sprintf("it must be at least %d", lo)}
		}
		return 0, &OptionError{name, msg, fmt.Sprintf("it must be between %d and %d", lo, hi)}
	}
	return n, nil
}

// Number returns the value of a number option, at least lo, or def.
func (o Options) Number(name string, def, lo float64) (float64, error) {
	v, ok := o.Get(name)
	if !ok {
		return def, nil
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, &OptionError{name, fmt.Sprintf("%s = '%s' is not a number", name, v), ""}
	}
	if x < lo {
		return 0, &OptionError{name, fmt.Sprintf("%s = %s is out of range", name, v), fmt.Sprintf("it must be at least %g", lo)}
	}
	return x, nil
}

// Share returns the value of a number option between 0 and 1, or def.
func (o Options) Share(name string, def float64) (float64, error) {
	x, err := o.Number(name, def, 0)
	if err == nil && x > 1 {
		err = &OptionError{name, fmt.Sprintf("%s = %s is out of range", name, o.Text(name, "")), "it must be between 0 and 1"}
	}
	return x, err
}

// sizeUnits are tried longest first.
var sizeUnits = [...]struct {
	suffix string
	bytes  int64
}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30},
	{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"b", 1}, {"", 1}}

// Size returns the value of an option in bytes, such as '64 KB' or '1048576',
// between lo and hi, or def.
func (o Options) Size(name string, def, lo, hi int64) (int64, error) {
	v, ok := o.Get(name)
	if !ok {
		return def, nil
	}
	text := strings.ToLower(strings.TrimSpace(v))
	for _, u := range sizeUnits {
		digits, found := strings.CutSuffix(text, u.suffix)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil {
			break
		}
		if n > hi/u.bytes || n*u.bytes < lo {
			return 0, &OptionError{name, fmt.Sprintf("%s = '%s' is out of range", name, v), fmt.Sprintf("it must be between %d and %d bytes", lo, hi)}
		}
		return n * u.bytes, nil
	}
	return 0, &OptionError{name, fmt.Sprintf("%s = '%s' is not a size", name, v), "write a number of bytes or for example '4 MB'"}
}

// durationUnits has the units that Go's own durations lack.
var durationUnits = map[string]time.Duration{
	"microsecond": time.Microsecond, "millisecond": time.Millisecond, "second": time.Second, "sec": time.Second,
	"minute": time.Minute, "min": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "d": 24 * time.Hour,
}

// Duration returns the value of an option such as '30s', '1h30m', '5 minutes' or
// '0', never negative, or def.
func (o Options) Duration(name string, def time.Duration) (time.Duration, error) {
	v, ok := o.Get(name)
	if !ok {
		return def, nil
	}
	d, ok := parseDuration(strings.ToLower(strings.TrimSpace(v)))
	if !ok || d < 0 {
		return 0, &OptionError{name, fmt.Sprintf("%s = '%s' is not a duration", name, v), "write for example '30s', '5m' or '1 hour'"}
	}
	return d, nil
}

func parseDuration(s string) (time.Duration, bool) {
	if d, err := time.ParseDuration(strings.ReplaceAll(s, " ", "")); err == nil {
		return d, true
	}
	at := strings.LastIndexAny(s, "0123456789") + 1
	n, err := strconv.ParseFloat(strings.TrimSpace(s[:at]), 64)
	if err != nil {
		return 0, false
	}
	unit := strings.TrimSpace(s[at:])
	u, ok := durationUnits[unit]
	if !ok {
		u, ok = durationUnits[strings.TrimSuffix(unit, "s")]
	}
	if ok && math.Abs(n*float64(u)) < math.MaxInt64 {
		return time.Duration(n * float64(u)), true
	}
	return 0, false
}

// Char returns the value of a one-character option (one byte; '\t' is written
// out or as a tab, 'tab' is understood), or def.
func (o Options) Char(name string, def byte) (byte, error) {
	v, ok := o.Get(name)
	if !ok {
		return def, nil
	}
	switch {
	case v == `\t` || strings.EqualFold(v, "tab"):
		return '\t', nil
	case len(v) == 1 && v[0] < 0x80 && v != "\n" && v != "\r":
		return v[0], nil
	}
	return 0, &OptionError{name, fmt.Sprintf("%s = '%s' is not a single ASCII character", name, v), "write for example ';' or '\\t'"}
}
