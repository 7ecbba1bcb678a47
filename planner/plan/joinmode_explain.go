package plan

// describeJoin returns a join's headline and the lines about it.
func describeJoin(n *Join) (title string, details []string) {
	switch n.Mode {
	case JoinAsof:
		title = n.Kind.String() + " ASOF join" + n.Texts.on()
		details = []string{"matches: " + n.reach()}
		if n.Versioned {
			title = n.Kind.String() + " temporal join" + n.Texts.on()
			details = []string{"matches: the row that holds as of " + n.Texts.LeftTime + ", from its " + n.Texts.RightTime + " on"}
		}
	case JoinLoaded:
		title = n.Kind.String() + " join" + n.Texts.on() + " with a table that is loaded first"
	case JoinLookup:
		title = n.Kind.String() + " lookup join" + n.Texts.on()
	case JoinTables:
		title = n.Kind.String() + " join" + n.Texts.on() + " of tables that change"
	case JoinWindows:
		title = n.Kind.String() + " window join" + n.Texts.on()
	}
	if n.On != nil {
		details = append(details, "and: "+n.On.String())
	}
	switch n.Mode {
	case JoinAsof:
		details = append(details, emitsPassed(n.Lateness))
	case JoinLoaded, JoinTables:
		details = append(details, "emits: what each row changes, at once")
	case JoinLookup:
		details = append(details, "emits: each row with what is found when it comes, or was not long ago")
	case JoinWindows:
		emits := "emits: ON WINDOW CLOSE"
		if n.Lateness > 0 {
			emits += ", changes up to " + Duration(n.Lateness) + " past the end of their window"
		}
		details = append(details, emits)
	}
	return title, n.Late.describe(details)
}

// on lists the keys.
func (t JoinTexts) on() string {
	text := ""
	for i, k := range t.Keys {
		if i == 0 {
			text = " on " + k
		} else {
			text += ", " + k
		}
	}
	return text
}

// reach describes the times that match.
func (n *Join) reach() string {
	text := "the last " + n.Texts.RightTime
	switch n.Back {
	case 0:
		text += " at or before "
	case 1:
		text += " before "
	default:
		text += " " + Duration(n.Back) + " or more before "
	}
	text += n.Texts.LeftTime
	if n.Tolerance >= 0 {
		text += ", at most " + Duration(n.Tolerance) + " before it"
	}
	return text
}

// watermarkLines say what the join waits for and passes on.
func (n *Join) watermarkLines() []string {
	more := ""
	if n.Lateness > 0 {
		more = " + " + Duration(n.Lateness)
	}
	lines := []string{"W: the least of both sides'"}
	switch n.Mode {
	case JoinAsof:
		return waitsForLeft(n.Texts.LeftTime, n.Lateness, "a left row that W has passed so is late; a right row, when no left row to come could match it")
	case JoinLoaded:
		return []string{"W: the left side's", "waits for: the end of the right side", "passes on: W as it comes"}
	case JoinLookup:
		return []string{"W: the left side's", "waits for: the foreign table", "passes on: W as it comes"}
	case JoinTables:
		if n.TTL > 0 {
			lines = append(lines, "forgets a row when W has moved on by more than "+Duration(n.TTL))
		}
	case JoinWindows:
		lines = append(lines, "waits for: "+closesAt(n.Inclusive)+"; a window is emitted then")
		if n.Lateness > 0 {
			lines = append(lines, "keeps a window until W > window_end"+more+"; what changes it then corrects it")
		}
	}
	return append(lines, "passes on: W as it comes")
}

// closesAt says when a window closes.
func closesAt(inclusive bool) string {
	if inclusive {
		return "W > window_end"
	}
	return "W >= window_end"
}

// rowExtra is about what a row takes besides its columns: for its key, its time and
// its place.
const rowExtra = 24

// rates says how many rows come from both sides.
func (l Load) rates(left, right Node) string {
	return "rows: " + perTime(l.rate(left)) + " from the left, " + perTime(l.rate(right)) + " from the right"
}

// within returns how many rows come to n in so many microseconds.
func (l Load) within(n Node, length float64) int64 { return int64(l.rate(n)*length/1e6 + 0.999) }

// stateLines say what the join remembers under a load.
func (n *Join) stateLines(l Load) []string {
	lines := []string{l.rates(n.Left, n.Right)}
	left, right, kept := int64(0), int64(0), ""
	wait := float64(max(delay(n.Left), delay(n.Right)) + n.Lateness)
	switch n.Mode {
	case JoinAsof:
		left, right = l.within(n.Left, wait), l.within(n.Right, wait)+l.Keys
		switch {
		case n.On != nil: // any of them may be the one
			right = l.within(n.Right, wait+float64(n.Tolerance))
		case n.Tolerance >= 0:
			right = min(right, l.within(n.Right, wait+float64(n.Tolerance)))
		default:
			kept = ", the last of each key among them for good"
		}
	case JoinLoaded:
		return append(lines, "state: all rows of the right side, which ends")
	case JoinLookup:
		return []string{"rows: " + perTime(l.rate(n.Left)), "state: none; what was found is kept as cache_ttl, cache_rows and cache_bytes of the table say"}
	case JoinTables:
		if n.TTL == 0 {
			return append(lines, "state: all rows of both sides, which end")
		}
		left, right, kept = l.within(n.Left, float64(n.TTL)), l.within(n.Right, float64(n.TTL)), ", for "+Duration(n.TTL)
	case JoinWindows:
		w := WindowColumnsOf(n.Left)
		if w == nil || w.Size == 0 {
			return append(lines, "state: "+n.Properties().State)
		}
		open := 1 + (int64(wait)+w.Size-1)/w.Size
		side := func(in Node) int64 {
			if KeyParts(in) != nil { // a row of each group
				return open * l.Keys
			}
			return l.within(in, float64(open*w.Size))
		}
		left, right, kept = side(n.Left), side(n.Right), ", of "+countOf(open, "window")
	}
	bytes := left*(rowWidth(n.Left.Schema())+rowExtra) + right*(rowWidth(n.Right.Schema())+rowExtra)
	return append(lines, "state: about "+countOf(left, "row")+" of the left and "+countOf(right, "row")+" of the right"+kept+" = "+size(bytes))
}
