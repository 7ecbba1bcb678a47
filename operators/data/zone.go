package data

import (
	"errors"
	"math"
	"strings"
	"time"
)

// errZone says that a name is not one of a time zone.
var errZone = errors.New("there is no such time zone")

// LoadZone finds a time zone by its IANA name (Europe/Berlin), UTC, GMT or Z in
// any case, or a distance from UTC such as +02:00, -0330 or +5: positive is east,
// as in ISO 8601. Its one error is that there is no such zone.
func LoadZone(name string) (*time.Location, error) {
	switch strings.ToUpper(name) {
	case "UTC", "GMT", "Z":
		return time.UTC, nil
	case "", "LOCAL": // what these mean depends on the machine
		return nil, errZone
	}
	if name[0] == '+' || name[0] == '-' {
		offset, ok := ParseOffset([]byte(name))
		if !ok {
			return nil, errZone
		}
		return time.FixedZone(name, int(offset/Second)), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	return loc, nil
}

// ParseOffset parses a distance from UTC, ±h, ±hh, ±hhmm or ±hh:mm, to microseconds.
func ParseOffset(b []byte) (us int64, ok bool) {
	digits := b[1:]
	if len(digits) == 1 && digits[0]-'0' <= 9 {
		us = int64(digits[0]-'0') * Hour
	} else {
		h, rest, ok := twoDigits(digits, 23)
		if !ok {
			return 0, false
		}
		us = h * Hour
		if len(rest) > 0 {
			if rest[0] == ':' {
				rest = rest[1:]
			}
			m, rest, ok := twoDigits(rest, 59)
			if !ok || len(rest) > 0 {
				return 0, false
			}
			us += m * Minute
		}
	}
	if b[0] == '-' {
		us = -us
	}
	return us, true
}

// Zone tells what the clocks of a time zone show. It remembers the stretch of
// time without a change of the clocks that it was last asked about, because
// neighbouring rows tend to share it; one goroutine at a time.
type Zone struct {
	loc      *time.Location
	from, to int64 // the stretch [from, to), in microseconds since 1970-01-01 UTC
	offset   int64 // of the stretch
}

// NewZone returns a Zone of a location.
func NewZone(loc *time.Location) *Zone { return &Zone{loc: loc} }

// Offset returns how many microseconds the clocks are ahead of UTC at an instant.
func (z *Zone) Offset(us int64) int64 {
	if us < z.from || us >= z.to {
		z.find(us)
	}
	return z.offset
}

// Stretch returns the stretch of time [from, to) around an instant in which the
// clocks are not changed, and how far they are ahead of UTC in it. The first
// stretch begins at the least int64, the last ends at the greatest.
func (z *Zone) Stretch(us int64) (offset, from, to int64) {
	if us < z.from || us >= z.to {
		z.find(us)
	}
	return z.offset, z.from, z.to
}

func (z *Zone) find(us int64) {
	t := time.Unix(FloorDiv(us, Second), 0).In(z.loc)
	_, secs := t.Zone()
	z.offset = int64(secs) * Second
	start, end := t.ZoneBounds()
	z.from, z.to = math.MinInt64, math.MaxInt64
	if s := start.Unix(); !start.IsZero() && s > math.MinInt64/Second {
		z.from = s * Second
	}
	if s := end.Unix(); !end.IsZero() && s < math.MaxInt64/Second {
		if s <= t.Unix() { // so it is on the last day of some leap years
			s = (FloorDiv(t.Unix(), 86_400) + 1) * 86_400
		}
		z.to = s * Second
	}
}

// Local returns what the clocks show at an instant, as if it were UTC; ok is
// false outside the range of TIMESTAMP.
func (z *Zone) Local(us int64) (local int64, ok bool) {
	offset := z.Offset(us)
	local = us + offset
	return local, (us^local)&(offset^local) >= 0
}

// Instant is the inverse of Local, as PostgreSQL has it. A time that the clocks
// jump over is read as if they had not been moved yet: 02:30 is 03:30. A time
// that they show twice is the second: the one after the clocks were put back.
func (z *Zone) Instant(local int64) (us int64, ok bool) {
	// No clocks are more than a day from UTC, so these two enclose the instant.
	before, offset := z.Offset(addCapped(local, -Day)), z.Offset(addCapped(local, Day))
	if before != offset && z.Offset(addCapped(local, -offset)) != offset {
		offset = before
	}
	us = local - offset
	return us, (local^offset)&(local^us) >= 0
}

// addCapped adds, stopping at the ends of int64.
func addCapped(x, y int64) int64 {
	s := x + y
	if (x^s)&(y^s) < 0 {
		if y < 0 {
			return math.MinInt64
		}
		return math.MaxInt64
	}
	return s
}
