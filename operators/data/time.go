package data

import (
	"encoding/binary"
	"time"
)

// TimeParser parses timestamps. It remembers the last day, because neighbouring
// rows tend to share it; one goroutine at a time.
type TimeParser struct {
	zone *Zone  // of texts without one; nil is UTC
	hi   uint64 // the first ten bytes of the last text
	lo   uint16
	day  int64 // microseconds from 1970-01-01 to its midnight
}

// NewTimeParser returns a parser that takes texts without a zone to be in zone;
// nil is UTC.
func NewTimeParser(zone *time.Location) *TimeParser {
	if zone == nil || zone == time.UTC {
		return &TimeParser{}
	}
	return &TimeParser{zone: NewZone(zone)}
}

// Parse returns the microseconds since 1970-01-01T00:00:00Z of a text such as
// 2026-01-05T10:00:00Z, 2026-01-05 10:00:00.5+01:00, 2026-01-05 10:00 or
// 2026-01-05. Fractions are cut after six digits.
func (p *TimeParser) Parse(b []byte) (int64, error) {
	if len(b) < 20 {
		return p.parseRest(b)
	}
	hi, lo := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint16(b[8:])
	if hi != p.hi || lo != p.lo || p.hi == 0 {
		days, err := ParseDate(b[:10])
		if err != nil {
			return 0, err
		}
		p.hi, p.lo, p.day = hi, lo, days*Day
	}
	us, ok := clockMicros(b)
	if !ok {
		return p.parseRest(b)
	}
	// b is at least "yyyy-mm-ddThh:mm:ss" and one byte: Z, a point or a zone.
	rest := b[19:]
	switch {
	case rest[0] == 'Z' && len(rest) == 1:
		return p.day + us, nil
	case rest[0] == '.' && len(rest) == 5 && rest[4] == 'Z': // milliseconds
		d0, d1, d2 := rest[1]-'0', rest[2]-'0', rest[3]-'0'
		if d0 > 9 || d1 > 9 || d2 > 9 {
			return 0, ErrSyntax
		}
		return p.day + us + int64(d0)*100_000 + int64(d1)*10_000 + int64(d2)*1000, nil
	}
	fraction, rest, err := parseFraction(rest)
	if err != nil {
		return 0, err
	}
	return p.shift(p.day+us+fraction, rest)
}

// clockMicros parses the "Thh:mm:ss" of b[10:19], eight bytes at a time.
func clockMicros(b []byte) (us int64, ok bool) {
	if t := b[10]; t != 'T' && t != ' ' && t != 't' {
		return 0, false
	}
	const (
		zeros  = 0x30303A30303A3030 // "00:00:00", little endian
		digits = 0xFFFF00FFFF00FFFF // the bytes that hold digits
	)
	v := binary.LittleEndian.Uint64(b[11:]) ^ zeros
	// A colon has become 0, a digit its value.
	if v&^digits != 0 || (v+0x7676007676007676)&0x8080808080808080|v&0xF0F0F0F0F0F0F0F0 != 0 {
		return 0, false
	}
	v = v*10 + v>>8 // pairs in bytes 0, 3 and 6
	h, m, s := int64(v&0xFF), int64(v>>24&0xFF), int64(v>>48&0xFF)
	if h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	return h*Hour + m*Minute + s*Second, true
}

// parseRest is Parse for the rarer forms.
func (p *TimeParser) parseRest(b []byte) (int64, error) {
	if len(b) < 10 {
		return 0, ErrSyntax
	}
	days, err := ParseDate(b[:10])
	if err != nil {
		return 0, err
	}
	if len(b) == 10 {
		return p.shift(days*Day, nil)
	}
	if t := b[10]; t != 'T' && t != ' ' && t != 't' {
		return 0, ErrSyntax
	}
	us, rest, err := parseClock(b[11:])
	if err != nil {
		return 0, err
	}
	return p.shift(days*Day+us, rest)
}

// parseClock parses hh:mm[:ss[.fraction]].
func parseClock(b []byte) (us int64, rest []byte, err error) {
	h, b, ok := twoDigits(b, 23)
	if !ok || len(b) == 0 || b[0] != ':' {
		return 0, nil, ErrSyntax
	}
	m, b, ok := twoDigits(b[1:], 59)
	if !ok {
		return 0, nil, ErrSyntax
	}
	us = h*Hour + m*Minute
	if len(b) == 0 || b[0] != ':' {
		return us, b, nil
	}
	s, b, ok := twoDigits(b[1:], 59)
	if !ok {
		return 0, nil, ErrSyntax
	}
	fraction, rest, err := parseFraction(b)
	return us + s*Second + fraction, rest, err
}

func twoDigits(b []byte, limit int64) (x int64, rest []byte, ok bool) {
	if len(b) < 2 || b[0]-'0' > 9 || b[1]-'0' > 9 {
		return 0, b, false
	}
	x = int64(b[0]-'0')*10 + int64(b[1]-'0')
	return x, b[2:], x <= limit
}

// parseFraction parses ".123456…" to microseconds; digits beyond six are cut.
func parseFraction(b []byte) (us int64, rest []byte, err error) {
	if len(b) == 0 || b[0] != '.' {
		return 0, b, nil
	}
	i, scale := 1, int64(Second)
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		scale /= 10
		us += int64(b[i]-'0') * scale
	}
	if i == 1 {
		return 0, b, ErrSyntax
	}
	return us, b[i:], nil
}

// shift turns a local time into an instant by the zone text after it.
func (p *TimeParser) shift(us int64, zone []byte) (int64, error) {
	if len(zone) > 0 && zone[0] == ' ' {
		zone = zone[1:]
		if len(zone) == 0 {
			return 0, ErrSyntax
		}
	}
	switch {
	case len(zone) == 0:
		if p.zone == nil {
			return us, nil
		}
		us, _ = p.zone.Instant(us) // the years of texts are far from the ends
		return inRange(us)
	case len(zone) == 1 && zone[0]|0x20 == 'z':
		return us, nil
	case zone[0] != '+' && zone[0] != '-':
		return 0, ErrSyntax
	}
	offset, ok := ParseOffset(zone)
	if !ok || len(zone) == 2 {
		return 0, ErrSyntax
	}
	return inRange(us - offset)
}

// The first and the last value of a DATE and of a TIMESTAMP: those of the years 1
// to 9999. Others have no text that is read back.
const (
	FirstDate      = -719162
	LastDate       = 2932896
	FirstTimestamp = FirstDate * Day
	LastTimestamp  = (LastDate+1)*Day - 1
)

// IsTimestamp reports whether a TIMESTAMP has the value us.
func IsTimestamp(us int64) bool { return us >= FirstTimestamp && us <= LastTimestamp }

// IsDate reports whether a DATE has the value days.
func IsDate(days int64) bool { return days >= FirstDate && days <= LastDate }

// inRange returns an instant that a TIMESTAMP has.
func inRange(us int64) (int64, error) {
	if !IsTimestamp(us) {
		return 0, ErrRange
	}
	return us, nil
}

// ParseDate parses yyyy-mm-dd to days since 1970-01-01.
func ParseDate(b []byte) (int64, error) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, ErrSyntax
	}
	century, _, ok1 := twoDigits(b, 99)
	year, _, ok2 := twoDigits(b[2:], 99)
	m, _, ok3 := twoDigits(b[5:], 99)
	d, _, ok4 := twoDigits(b[8:], 99)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return 0, ErrSyntax
	}
	y := century*100 + year
	if y == 0 || m < 1 || m > 12 || d < 1 || d > DaysIn(y, m) {
		return 0, ErrRange
	}
	return DaysOf(y, m, d), nil
}

// ParseTime parses hh:mm[:ss[.fraction]] to microseconds since midnight.
func ParseTime(b []byte) (int64, error) {
	us, rest, err := parseClock(b)
	if err == nil && len(rest) > 0 {
		err = ErrSyntax
	}
	return us, err
}

// AppendTimestamp appends an instant as 2026-01-05T10:00:00Z, with a fraction of
// up to six digits only when it is not zero.
func AppendTimestamp(dst []byte, us int64) []byte {
	days := FloorDiv(us, Day)
	y, m, d := Civil(days)
	us -= days * Day
	if y < 0 || y > 9999 {
		dst = AppendTime(append(AppendDate(dst, days), 'T'), us)
		return append(dst, 'Z')
	}
	secs := uint32(us / Second)
	minutes := secs / 60
	dst = append(dst, "0000-00-00T00:00:00"...)
	b := dst[len(dst)-19:]
	putTwo(b[17:19], secs%60)
	putTwo(b[14:16], minutes%60)
	putTwo(b[11:13], minutes/60)
	putTwo(b[8:10], uint32(d))
	putTwo(b[5:7], uint32(m))
	putTwo(b[2:4], uint32(y)%100)
	putTwo(b[0:2], uint32(y)/100)
	if us %= Second; us != 0 {
		dst = appendMicros(dst, us)
	}
	return append(dst, 'Z')
}

// putTwo writes the two digits of x, which is less than 100.
func putTwo(b []byte, x uint32) {
	tens := x * 103 >> 10 // x / 10
	binary.LittleEndian.PutUint16(b, uint16(tens|(x-10*tens)<<8|0x3030))
}

// AppendDate appends days since 1970-01-01 as yyyy-mm-dd.
func AppendDate(dst []byte, days int64) []byte {
	y, m, d := Civil(days)
	if y < 0 {
		dst = append(dst, '-')
		y = -y
	}
	if y > 9999 {
		dst = AppendDecimal64(dst, y, 0)
	} else {
		dst = appendTwo(appendTwo(dst, y/100), y%100)
	}
	dst = appendTwo(append(dst, '-'), m)
	return appendTwo(append(dst, '-'), d)
}

// AppendTime appends microseconds since midnight as hh:mm:ss[.fraction].
func AppendTime(dst []byte, us int64) []byte {
	dst = appendTwo(dst, us/Hour)
	dst = appendTwo(append(dst, ':'), us/Minute%60)
	dst = appendTwo(append(dst, ':'), us/Second%60)
	return appendMicros(dst, us%Second)
}

// appendMicros appends .123456 without the zeros at its end, or nothing for 0.
func appendMicros(dst []byte, us int64) []byte {
	if us == 0 {
		return dst
	}
	dst = append(dst, '.')
	for scale := int64(Second / 10); us > 0; scale /= 10 {
		dst = append(dst, byte('0'+us/scale))
		us %= scale
	}
	return dst
}

func appendTwo(dst []byte, x int64) []byte { return append(dst, byte('0'+x/10), byte('0'+x%10)) }
