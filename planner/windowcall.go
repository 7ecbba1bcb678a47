package planner

import (
	"strconv"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// maxFanOut is the most windows that one row may belong to.
const maxFanOut = 10_000

// windowForm is how the windows of one kind are called.
type windowForm struct {
	kind    plan.WindowKind
	lengths []windowLength // in order, behind the time
	example string
}

// windowLength is an argument of a window.
type windowLength struct {
	name     string // SIZE => …
	what     string // how messages call it
	example  string
	optional bool
}

var (
	sizeOfWindow   = windowLength{name: "SIZE", what: "size", example: "INTERVAL '5' MINUTE"}
	slideOfWindow  = windowLength{name: "SLIDE", what: "slide", example: "INTERVAL '1' MINUTE"}
	stepOfWindow   = windowLength{name: "STEP", what: "step", example: "INTERVAL '1' MINUTE"}
	gapOfWindow    = windowLength{name: "GAP", what: "gap", example: "INTERVAL '5' MINUTE"}
	offsetOfWindow = windowLength{name: "OFFSET", what: "offset", example: "INTERVAL '1' MINUTE", optional: true}
)

// windowForms are the windows by their names.
var windowForms = map[string]*windowForm{
	"TUMBLE":   {plan.Tumble, []windowLength{sizeOfWindow, offsetOfWindow}, "TUMBLE(ts, INTERVAL '5' MINUTE)"},
	"HOP":      {plan.Hop, []windowLength{slideOfWindow, sizeOfWindow, offsetOfWindow}, "HOP(ts, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)"},
	"CUMULATE": {plan.Cumulate, []windowLength{stepOfWindow, sizeOfWindow, offsetOfWindow}, "CUMULATE(ts, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)"},
	"SESSION":  {plan.Session, []windowLength{gapOfWindow}, "SESSION(ts, INTERVAL '5' MINUTE)"},
}

// takes says what a window's arguments are, for messages.
func (f *windowForm) takes() string {
	text := "a time"
	for i, l := range f.lengths {
		switch last := i == len(f.lengths)-1; {
		case l.optional:
			text += " and at most an " + l.what
		case last:
			text += " and a " + l.what
		default:
			text += ", a " + l.what
		}
	}
	return text
}

// names lists the named arguments.
func (f *windowForm) names() string {
	names := []string{"the time"}
	for _, l := range f.lengths {
		names = append(names, l.name)
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// windowFromCall binds a window as GROUP BY has it: its time, then lengths, by
// position or by name.
func (x *scoped) windowFromCall(c *parser.Call, name string) *windowSpec {
	f := windowForms[name]
	var ts *parser.Expr
	lengths := make([]*parser.Expr, len(f.lengths))
	slots := []**parser.Expr{&ts}
	for i := range lengths {
		slots = append(slots, &lengths[i])
	}
	for i, a := range c.Args {
		slot := (**parser.Expr)(nil)
		if a.Name != nil {
			switch upper := strings.ToUpper(a.Name.Text); upper {
			case "TIME", "TIMECOL":
				slot = &ts
			default:
				slot = f.slot(upper, lengths)
			}
			if slot == nil {
				x.errorf(a.Name.Span(), "its arguments are "+f.names(), "%s has no argument %s", name, a.Name.Text)
				return nil
			}
		} else if i < len(slots) {
			slot = slots[i]
		}
		if slot == nil || *slot != nil {
			x.errorf(a.X.Span(), "write "+f.example, "%s takes %s", name, f.takes())
			return nil
		}
		*slot = a.X
	}
	var missing []string
	if ts == nil {
		missing = append(missing, "a time column")
	}
	for i, l := range f.lengths {
		if !l.optional && lengths[i] == nil {
			missing = append(missing, "a "+l.what)
		}
	}
	if len(missing) > 0 {
		x.errorf(c.Span(), "write "+f.example, "%s needs %s", name, strings.Join(missing, " and "))
		return nil
	}
	w := &windowSpec{window: &plan.Window{Kind: f.kind}}
	ok := true
	if zoned, isZoned := ts.X.(*parser.AtTimeZone); isZoned {
		w.window.Zone, ok = x.zoneName(zoned.Zone)
		ts = zoned.X
	}
	ok = x.timeColumn(ts, w) && ok
	ok = x.windowLengths(f, w.window, c.Span(), lengths) && ok
	if f.kind == plan.Session {
		w.window.Zone = "" // a silence is as long everywhere
	}
	if !ok {
		return nil
	}
	return w
}

// slot returns where the argument of a name belongs, nil for a name that f lacks.
func (f *windowForm) slot(name string, lengths []*parser.Expr) **parser.Expr {
	for i, l := range f.lengths {
		if l.name == name {
			return &lengths[i]
		}
	}
	return nil
}

// windowLengths binds the lengths of a window; nil stands for one that is left out.
func (x *scoped) windowLengths(f *windowForm, w *plan.Window, at source.Span, lengths []*parser.Expr) bool {
	ok := true
	var size *parser.Expr
	for i, l := range f.lengths {
		e := lengths[i]
		if e == nil {
			continue
		}
		if zoned, isZoned := e.X.(*parser.AtTimeZone); isZoned { // behind the lengths means the same as behind the time
			if w.Zone != "" {
				x.errorf(zoned.Zone.Span(), "leave one out", "a window goes by the clocks of one time zone")
				return false
			}
			var good bool
			w.Zone, good = x.zoneName(zoned.Zone)
			ok, e = ok && good, zoned.X
		}
		n, good := x.constantLength(e, "the "+l.what+" of a window", "write "+l.example)
		if good && n <= 0 && !l.optional {
			x.errorf(e.Span(), "write "+l.example, "the %s of a window must be more than nothing, not %s", l.what, plan.Duration(n))
			good = false
		}
		ok = ok && good
		switch l.name {
		case "SIZE":
			w.Size, size = n, e
		case "SLIDE", "STEP":
			w.Slide = n
		case "GAP":
			w.Gap = n
		case "OFFSET":
			w.Offset = n
		}
	}
	if !ok || w.Kind == plan.Session {
		return ok
	}
	if w.Kind == plan.Tumble {
		w.Slide = w.Size
	}
	return x.windowShape(f, w, at, size)
}

// windowShape checks that a window's lengths fit together, and brings the offset
// into their range.
func (x *scoped) windowShape(f *windowForm, w *plan.Window, at source.Span, size *parser.Expr) bool {
	slide := f.lengths[0].what
	switch {
	case w.Slide > w.Size:
		hint := "write the " + slide + " before the size: " + f.example
		if w.Kind == plan.Hop {
			hint += "; rows between windows would be in none"
		}
		x.errorf(at, hint, "the %s of %s, %s, is longer than its size, %s", slide, w.Kind, plan.Duration(w.Slide), plan.Duration(w.Size))
		return false
	case w.Kind == plan.Cumulate && w.Size%w.Slide != 0:
		x.errorf(size.Span(), "make the size a multiple of the step", "windows of CUMULATE grow by %s, which never comes to %s", plan.Duration(w.Slide), plan.Duration(w.Size))
		return false
	case w.Zone != "" && !x.zonedShape(f, w, size):
		return false
	}
	if fanOut := (w.Size-1)/w.Slide + 1; fanOut > maxFanOut {
		x.errorf(at, "make the "+slide+" longer, or the size shorter", "each row would belong to %s windows: the fan-out, size / %s, is limited to %s",
			strconv.FormatInt(fanOut, 10), slide, strconv.Itoa(maxFanOut))
		return false
	}
	period := w.Slide
	if w.Kind == plan.Cumulate {
		period = w.Size
	}
	w.Offset = (w.Offset%period + period) % period
	return true
}

// zonedShape checks the lengths of a window that goes by the clocks of a zone:
// days there differ in length, so that parts of them do not add up to days.
func (x *scoped) zonedShape(f *windowForm, w *plan.Window, size *parser.Expr) bool {
	unit := w.Slide
	if w.Kind == plan.Cumulate {
		unit = w.Size
	}
	switch {
	case w.Kind == plan.Cumulate && w.Size%data.Day == 0 && w.Slide%data.Day != 0 && data.Day%w.Slide != 0:
		x.errorf(size.Span(), "take whole days for a step, or a part of which a day has a whole number",
			"the steps of CUMULATE in a time zone begin anew with its days, which is not possible with %s", plan.Duration(w.Slide))
		return false
	case unit < data.Day || unit%data.Day == 0 && (w.Kind == plan.Cumulate || w.Size%data.Day == 0):
		return true
	}
	x.errorf(size.Span(), "write whole days, or less than a day", "windows in a time zone are aligned to its days, which differ in length: they cannot be %s long", plan.Duration(w.Size))
	return false
}

// zoneName evaluates the time zone of AT TIME ZONE in a window.
func (x *scoped) zoneName(e *parser.Expr) (string, bool) {
	const hint = "write an IANA name such as 'Europe/Berlin', 'UTC', or a distance from it such as '+02:00'"
	v := x.bind(e)
	if v == nil {
		return "", false
	}
	l, constant := fold(v).(*expr.Literal)
	if !constant || l.IsNull() || l.Type().Kind != data.String {
		x.errorf(e.Span(), hint, "the time zone of a window must be a constant STRING")
		return "", false
	}
	name := string(l.Value.Text(0))
	if _, err := data.LoadZone(name); err != nil {
		x.errorf(e.Span(), hint, "there is no time zone %s", name)
		return "", false
	}
	return name, true
}
