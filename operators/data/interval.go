package data

import (
	"bytes"
	"cmp"
	"math"
	"strings"
)

// NewInterval returns an INTERVAL of months and microseconds.
func NewInterval(months, micros int64) Int128 { return Int128{Hi: months, Lo: uint64(micros)} }

// IntervalLength returns an interval's length in microseconds, a month taken as 30
// days: what comparisons go by.
func IntervalLength(w Int128) Int128 {
	months, _ := Wide(w.Hi).Mul(Wide(30 * Day))
	length, _ := months.Add(Wide(int64(w.Lo)))
	return length
}

// intervalUnits are the units of an interval text, by their first letters.
var intervalUnits = []struct {
	names          string // words, each between spaces
	months, micros int64
}{
	{" year years yr yrs y ", 12, 0},
	{" month months mon mons ", 1, 0},
	{" week weeks w ", 0, 7 * Day},
	{" day days d ", 0, Day},
	{" hour hours hr hrs h ", 0, Hour},
	{" minute minutes min mins m ", 0, Minute},
	{" second seconds sec secs s ", 0, Second},
	{" millisecond milliseconds msec msecs ms ", 0, 1000},
	{" microsecond microseconds usec usecs us ", 0, 1},
}

// ParseInterval parses '5 minutes', '1 year 2 months', '1 day 02:03:04.5' or the
// ISO 8601 form 'P1DT2H'.
func ParseInterval(b []byte) (Int128, error) {
	text := strings.ToLower(strings.TrimSpace(string(b)))
	var total Int128
	var err error
	switch {
	case text == "":
		return Int128{}, ErrSyntax
	case text[0] == 'p' || strings.HasPrefix(text, "-p"):
		total, err = parseISO(text)
	default:
		total, err = parseUnits(text)
	}
	return total, err
}

func parseUnits(text string) (Int128, error) {
	var months, micros int64
	for text != "" {
		n := 0
		for n < len(text) && strings.IndexByte("+-.:0123456789", text[n]) >= 0 {
			n++
		}
		number := text[:n]
		if number == "" {
			return Int128{}, ErrSyntax
		}
		text = strings.TrimLeft(text[n:], " ")
		if strings.IndexByte(number, ':') >= 0 {
			us, err := parseHours([]byte(number))
			if err == nil {
				err = sumInto(&micros, us, nil)
			}
			if err != nil {
				return Int128{}, err
			}
			continue
		}
		k := 0
		for k < len(text) && text[k] >= 'a' && text[k] <= 'z' {
			k++
		}
		unit := text[:k]
		if unit == "" {
			return Int128{}, ErrSyntax
		}
		if err := addUnit(number, unit, &months, &micros); err != nil {
			return Int128{}, err
		}
		text = strings.TrimLeft(text[k:], " ,")
	}
	return NewInterval(months, micros), nil
}

// parseHours parses [-]hh:mm[:ss[.fraction]] with any number of hours.
func parseHours(b []byte) (us Int128, err error) {
	b, negative := sign(b)
	colon := bytes.IndexByte(b, ':')
	hours, err := ParseInt(b[:colon])
	if err != nil || b[0]-'0' > 9 {
		return us, cmp.Or(err, ErrSyntax)
	}
	rest, err := ParseTime(append([]byte("00"), b[colon:]...))
	if err != nil {
		return us, err
	}
	us, _ = Wide(hours).Mul(Wide(Hour))
	us, _ = us.Add(Wide(rest))
	if negative {
		us = us.Neg()
	}
	return us, nil
}

// addUnit adds number × unit. Fractions of a month count as days of 30 to the month.
func addUnit(number, unit string, months, micros *int64) error {
	for _, u := range intervalUnits {
		if !strings.Contains(u.names, " "+unit+" ") {
			continue
		}
		v, err := ParseDecimal([]byte(number), MaxPrecision, 9)
		if err != nil {
			return err
		}
		const scale = 1_000_000_000
		if u.months > 0 {
			v, ok := v.Mul(Wide(u.months))
			if !ok {
				return ErrRange
			}
			whole := v.QuoTrunc(Wide(scale))
			rest, _ := v.Rem(Wide(scale)).Mul(Wide(30 * Day))
			days, _ := rest.DivRound(Wide(scale))
			return sumInto(months, whole, sumInto(micros, days, nil))
		}
		v, ok := v.Mul(Wide(u.micros))
		if !ok {
			return ErrRange
		}
		v, _ = v.DivRound(Wide(scale))
		return sumInto(micros, v, nil)
	}
	return ErrSyntax
}

func sumInto(to *int64, v Int128, err error) error {
	if err != nil {
		return err
	}
	sum, _ := Wide(*to).Add(v)
	x, ok := sum.Int64()
	if !ok || x == math.MinInt64 {
		return ErrRange
	}
	*to = x
	return nil
}

func parseISO(text string) (Int128, error) {
	negative := text[0] == '-'
	text = strings.TrimPrefix(text, "-")[1:]
	var months, micros int64
	inTime, parts := false, 0
	for text != "" {
		if text[0] == 't' && !inTime && len(text) > 1 {
			inTime, text = true, text[1:]
			continue
		}
		n := 0
		for n < len(text) && strings.IndexByte("+-.0123456789", text[n]) >= 0 {
			n++
		}
		if n == 0 || n == len(text) {
			return Int128{}, ErrSyntax
		}
		units := map[bool]string{false: "y:year m:month w:week d:day ", true: "h:hour m:minute s:second "}[inTime]
		_, unit, ok := strings.Cut(units, text[n:n+1]+":")
		if !ok {
			return Int128{}, ErrSyntax
		}
		unit, _, _ = strings.Cut(unit, " ")
		if err := addUnit(text[:n], unit, &months, &micros); err != nil {
			return Int128{}, err
		}
		text = text[n+1:]
		parts++
	}
	if parts == 0 {
		return Int128{}, ErrSyntax
	}
	if negative {
		months, micros = -months, -micros
	}
	return NewInterval(months, micros), nil
}

// AppendInterval appends an interval in the ISO 8601 form, P1Y2M3DT4H5M6.5S.
func AppendInterval(dst []byte, w Int128) []byte {
	months, us := w.Hi, int64(w.Lo)
	if months == 0 && us == 0 {
		return append(dst, "PT0S"...)
	}
	dst = append(dst, 'P')
	part := func(x int64, unit byte) {
		if x != 0 {
			dst = append(AppendDecimal64(dst, x, 0), unit)
		}
	}
	part(months/12, 'Y')
	part(months%12, 'M')
	part(us/Day, 'D')
	if us %= Day; us == 0 {
		return dst
	}
	dst = append(dst, 'T')
	part(us/Hour, 'H')
	part(us/Minute%60, 'M')
	if rest := us % Minute; rest != 0 {
		if rest < 0 {
			dst, rest = append(dst, '-'), -rest
		}
		dst = AppendDecimal64(dst, rest/Second, 0)
		dst = append(appendMicros(dst, rest%Second), 'S')
	}
	return dst
}
