package format

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidemark/operators/data"
)

// envelope is what stands around the rows of a format of changes, and the change that
// was read last.
type envelope struct {
	debezium bool
	does     [2]data.Change // what the rows of the record do, in order
	op       []byte         // the member "op"; nil where there is none
	opBuf    []byte
	old, new int  // the places of the rows; -1 for one that is missing or null
	empty    bool // there is a payload, and it is null
}

// newChangesDecoder returns a decoder of changes, one a line: of Debezium's, or those
// that changelog-json writes.
func newChangesDecoder(set *settings, debezium bool) (*jsonDecoder, error) {
	d, err := newJSONDecoder(set)
	if err != nil {
		return nil, err
	}
	if d.filtered {
		return nil, errors.New("conditions cannot be pushed into a format of changes: of an update one row may pass and the other not")
	}
	d.changes = &envelope{debezium: debezium}
	return d, nil
}

// most returns how many rows a record may have: both of an update.
func (e *envelope) most() int {
	if e != nil && e.debezium {
		return 2
	}
	return 1
}

// change decodes the change at i into row n, and for an update with its old row also
// into the next; it returns the place of the line end after it, -1 when it is bad,
// and how many rows it has.
func (d *jsonDecoder) change(i int) (next, rows int) {
	e := d.changes
	e.op, e.old, e.new, e.empty = nil, -1, -1, false
	end := d.envelope(i, false)
	if end >= 0 {
		end = d.lineEnd(end)
	}
	if end < 0 {
		return -1, 0
	}
	switch {
	case e.empty: // the second record of a deletion
		return end, 0
	case e.op == nil:
		return d.refuse("the member op, which says what becomes of the row, is missing"), 0
	case e.debezium:
		rows = d.debezium()
	default:
		rows = d.logged()
	}
	if rows < 0 {
		return -1, 0
	}
	return end, rows
}

// refuse notes why the record is bad and returns -1.
func (d *jsonDecoder) refuse(reason string) int {
	d.column, d.reason = "", reason
	return -1
}

// envelope notes what the object at i tells of a change, and returns the place behind
// it. Where Debezium's converter describes the columns too, it is in a member payload.
func (d *jsonDecoder) envelope(i int, inPayload bool) int {
	s, e := &d.scan, d.changes
	if s.d[i] != '{' {
		return s.fail(i, "an object is expected")
	}
	if i = s.space(i + 1); s.d[i] == '}' {
		return i + 1
	}
	for {
		if s.d[i] != '"' {
			return s.fail(i, "a name in double quotes is expected")
		}
		name, next := s.text(i)
		if next < 0 {
			return -1
		}
		kind := e.part(string(name), inPayload)
		if i = s.space(next); s.d[i] != ':' {
			return s.fail(i, "':' is expected")
		}
		i = s.space(i + 1)
		from := i
		if kind == partPayload && s.d[i] == '{' {
			i = d.envelope(i, true)
		} else {
			i = s.value(i, 1)
		}
		if i < 0 {
			return -1
		}
		if s.d[from] == 'n' { // null
			e.empty = e.empty || kind == partPayload
		} else {
			switch kind {
			case partOld:
				e.old = from
			case partNew:
				e.new = from
			case partOp:
				if s.d[from] != '"' {
					return s.fail(from, "a text is expected")
				}
				if name, next = s.text(from); next < 0 {
					return -1
				}
				e.opBuf = append(e.opBuf[:0], name...)
				e.op = e.opBuf
			}
		}
		switch i = s.space(i); s.d[i] {
		case '}':
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return s.fail(i, "',' or '}' is expected")
		}
	}
}

// part is what a member of an envelope tells.
type part uint8

const (
	partOther part = iota
	partOp
	partOld
	partNew
	partPayload
)

func (e *envelope) part(name string, inPayload bool) part {
	switch {
	case name == "op":
		return partOp
	case !e.debezium && name == "row":
		return partNew
	case e.debezium && name == "before":
		return partOld
	case e.debezium && name == "after":
		return partNew
	case e.debezium && name == "payload" && !inPayload:
		return partPayload
	}
	return partOther
}

// debezium decodes the rows of a change of Debezium's and returns their number, -1 when
// the change is bad.
func (d *jsonDecoder) debezium() int {
	e, keyed := d.changes, d.set.keyed
	op := string(e.op)
	switch op {
	case "c", "r":
		return d.newRow(data.Insert, op)
	case "d":
		return d.oldRow(data.Delete, op)
	case "u":
	case "t":
		return d.refuse("op 't' empties the whole table, which no row tells of: read the table again from a new snapshot")
	default:
		return d.refuse(fmt.Sprintf("op '%s' is none of c, r, u and d", shortened(e.op)))
	}
	if keyed {
		return d.newRow(data.UpdateAfter, op)
	}
	if d.oldRow(data.UpdateBefore, op) < 0 {
		return -1
	}
	d.n++
	rows := d.newRow(data.UpdateAfter, op)
	d.n--
	if rows < 0 {
		return -1
	}
	e.does = [2]data.Change{data.UpdateBefore, data.UpdateAfter}
	return 2
}

// logged decodes the row of a line of changelog-json. Its old row and its new one are
// lines of their own, which may be far apart: where rows do not replace one another,
// an update is read as a deletion and an insertion.
func (d *jsonDecoder) logged() int {
	e, keyed := d.changes, d.set.keyed
	switch op := string(e.op); op {
	case "+I":
		return d.newRow(data.Insert, op)
	case "+U":
		if keyed {
			return d.newRow(data.UpdateAfter, op)
		}
		return d.newRow(data.Insert, op)
	case "-U", "-D":
		if op == "-U" && keyed {
			return 0 // the new row says it all
		}
		e.old, e.new = e.new, -1
		return d.oldRow(data.Delete, op)
	}
	return d.refuse(fmt.Sprintf("op '%s' is none of +I, -U, +U and -D", shortened(e.op)))
}

// newRow decodes the row that a change makes into row n.
func (d *jsonDecoder) newRow(does data.Change, op string) int {
	e := d.changes
	if e.new < 0 {
		return d.refuse(fmt.Sprintf("op '%s' needs the new row, and the member %s is missing or null", op, e.newName()))
	}
	e.does[0] = does
	if next, _ := d.object(e.new, false); next < 0 || !d.complete(true) {
		return -1
	}
	return 1
}

// oldRow decodes the row that a change takes away into row n. Of a table it needs
// little but the key.
func (d *jsonDecoder) oldRow(does data.Change, op string) int {
	e := d.changes
	switch {
	case e.old < 0 && e.debezium:
		remedy := "declare a TABLE with a PRIMARY KEY, or let the database log whole rows (PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL)"
		if d.set.keyed {
			remedy = "let the database log it (PostgreSQL: ALTER TABLE … REPLICA IDENTITY DEFAULT)"
		}
		return d.refuse(fmt.Sprintf("op '%s' needs the old row, and the member before is missing or null: %s", op, remedy))
	case e.old < 0:
		return d.refuse(fmt.Sprintf("op '%s' needs the old row, and the member row is missing or null", op))
	}
	e.does[0] = does
	if next, _ := d.object(e.old, false); next < 0 {
		return -1
	}
	if !d.set.keyed {
		if !d.complete(true) {
			return -1
		}
		return 1
	}
	for _, i := range d.set.required {
		c := &d.columns[i]
		if c.nulls == nil || !c.nulls[d.n] || !c.always && !d.set.key[i] {
			continue
		}
		d.column, d.reason = c.name, c.missingReason()
		if c.always {
			d.reason += ": let the database log whole old rows (PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL)"
		}
		return -1
	}
	return 1
}

func (e *envelope) newName() string {
	if e.debezium {
		return "after"
	}
	return "row"
}

// shortened is a text for a message.
func shortened(text []byte) string {
	const most = 20
	if len(text) > most {
		return strings.ToValidUTF8(string(text[:most]), "") + "..."
	}
	return string(text)
}

// simplify leaves out the changes of a batch that has only new rows.
func simplify(b *data.Batch) {
	if !slices.ContainsFunc(b.Changes, func(c data.Change) bool { return c != data.Insert }) {
		b.Changes = nil
	}
}
