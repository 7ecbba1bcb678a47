package expr

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// loadZone finds the time zone of a name.
func loadZone(name string) (*data.Zone, error) {
	loc, err := data.LoadZone(name)
	if err != nil {
		hint := "write an IANA name such as 'Europe/Berlin', 'UTC', or a distance from it such as '+02:00'"
		if near := source.Near(name, commonZones); near != "" {
			hint = "did you mean '" + near + "'?"
		}
		return nil, unplaced(hint, "there is no time zone '%s'", shortText(name))
	}
	return data.NewZone(loc), nil
}

// shortText cuts a text for a message.
func shortText(s string) string {
	const most = 60
	if len(s) <= most {
		return strings.ToValidUTF8(s, "�")
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func newZones(arg int) *prepared[*data.Zone] { return newPrepared(arg, loadZone) }

func checkZone(arg int) func(args []Expr, at source.Span) error { return checkPrepared(arg, loadZone) }

// commonZones are offered for names that are near them.
var commonZones = strings.Fields(`UTC Africa/Cairo Africa/Johannesburg Africa/Lagos Africa/Nairobi America/Anchorage
America/Argentina/Buenos_Aires America/Bogota America/Chicago America/Denver America/Halifax America/Lima America/Los_Angeles
America/Mexico_City America/New_York America/Phoenix America/Santiago America/Sao_Paulo America/St_Johns America/Toronto
America/Vancouver Asia/Bangkok Asia/Dhaka Asia/Dubai Asia/Ho_Chi_Minh Asia/Hong_Kong Asia/Jakarta Asia/Jerusalem Asia/Karachi
Asia/Kathmandu Asia/Kolkata Asia/Kuala_Lumpur Asia/Manila Asia/Riyadh Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Taipei
Asia/Tehran Asia/Tokyo Atlantic/Reykjavik Australia/Adelaide Australia/Brisbane Australia/Melbourne Australia/Perth
Australia/Sydney Europe/Amsterdam Europe/Athens Europe/Berlin Europe/Brussels Europe/Budapest Europe/Copenhagen Europe/Dublin
Europe/Helsinki Europe/Istanbul Europe/Kyiv Europe/Lisbon Europe/London Europe/Madrid Europe/Moscow Europe/Oslo Europe/Paris
Europe/Prague Europe/Rome Europe/Stockholm Europe/Vienna Europe/Warsaw Europe/Zurich Pacific/Auckland Pacific/Honolulu`)

// atZone is ts AT TIME ZONE zone: the timestamp whose text in UTC is what clocks
// in the zone show.
func atZone(*Call) kernel {
	zones := newZones(1)
	return intRows(func(f *frame, i int) (int64, error) {
		zone, err := zones.of(f, i)
		if err != nil {
			return 0, err
		}
		return localIn(zone, f.int(0, i))
	})
}

// fromZone is the way back.
func fromZone(*Call) kernel {
	zones := newZones(1)
	return intRows(func(f *frame, i int) (int64, error) {
		zone, err := zones.of(f, i)
		if err != nil {
			return 0, err
		}
		return instantIn(zone, f.int(0, i))
	})
}

// localIn is zone.Local with an error for what is no timestamp.
func localIn(zone *data.Zone, us int64) (int64, error) {
	local, _ := zone.Local(us) // no timestamp is near the ends of int64
	return timestamp(local)
}

// instantIn is zone.Instant with an error for what is no timestamp.
func instantIn(zone *data.Zone, local int64) (int64, error) {
	us, _ := zone.Instant(local)
	return timestamp(us)
}

// convertZone turns what clocks in one zone show into what they show in another.
func convertZone(*Call) kernel {
	from, to := newZones(1), newZones(2)
	return intRows(func(f *frame, i int) (int64, error) { return moveZone(f, i, f.int(0, i), from, to) })
}

// convertZoneText is Flink's form, of a text yyyy-MM-dd HH:mm:ss to another.
func convertZoneText(*Call) kernel {
	from, to, times := newZones(1), newZones(2), data.NewTimeParser(nil)
	return textRows(func(f *frame, i int, out []byte) ([]byte, error) {
		text := f.text(0, i)
		local, err := times.Parse(text)
		if err != nil {
			return out, &data.TextError{Text: shortText(string(text)), Type: data.Of(data.Timestamp), Err: err}
		}
		us, err := moveZone(f, i, local, from, to)
		if err != nil {
			return out, err
		}
		return appendSeconds(out, us), nil
	})
}

func moveZone(f *frame, i int, local int64, from, to *prepared[*data.Zone]) (int64, error) {
	a, err := from.of(f, i)
	if err != nil {
		return 0, err
	}
	b, err := to.of(f, i)
	if err != nil {
		return 0, err
	}
	us, err := instantIn(a, local)
	if err != nil {
		return 0, err
	}
	return localIn(b, us)
}

// appendSeconds appends yyyy-MM-dd HH:mm:ss.
func appendSeconds(to []byte, us int64) []byte {
	day := data.FloorDiv(us, data.Day)
	to = append(data.AppendDate(to, day), ' ')
	clock := us - day*data.Day
	return data.AppendTime(to, clock-clock%data.Second)
}
