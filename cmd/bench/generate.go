package main

import (
	"bufio"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"time"
)

// clicks describes a generated input: event_id, user_id (zipf 1.1, or uniform),
// event_time (RFC 3339, ms; disorder up to 2 s, 0.1 % late by up to 10 minutes),
// amount (2 places), page (50). The same description gives the same bytes.
type clicks struct {
	rows, users int
	zipf        float64 // exponent of the users; 0 is uniform
	spacing     int64   // mean ms between rows; 0 puts all into one window
	extra       int     // further columns that no query reads
}

// write writes the input as name.ndjson and name.csv into dir unless they exist.
func (c clicks) write(dir, name string) error {
	jsonName, csvName := filepath.Join(dir, name+".ndjson"), filepath.Join(dir, name+".csv")
	if _, err := os.Stat(csvName); err == nil {
		return nil
	}
	j, err := os.Create(jsonName)
	if err != nil {
		return err
	}
	defer j.Close()
	f, err := os.Create(csvName + ".tmp")
	if err != nil {
		return err
	}
	defer f.Close()
	jw, cw := bufio.NewWriterSize(j, 1<<20), bufio.NewWriterSize(f, 1<<20)
	c.rowsTo(jw, cw)
	if err := jw.Flush(); err != nil {
		return err
	}
	if err := cw.Flush(); err != nil {
		return err
	}
	return os.Rename(csvName+".tmp", csvName)
}

func (c clicks) rowsTo(j, w *bufio.Writer) {
	r := rand.New(rand.NewPCG(1, 42))
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	users := newZipf(c.users, c.zipf)
	w.WriteString("event_id,user_id,event_time,amount,page")
	var extraJSON, extraCSV []byte
	for i := range c.extra {
		name := "extra_" + strconv.Itoa(i)
		w.WriteString("," + name)
		extraJSON = append(extraJSON, `,"`+name+`":"value"`...)
		extraCSV = append(extraCSV, ",value"...)
	}
	w.WriteByte('\n')
	var b, ts []byte
	for i := range c.rows {
		t := base + int64(i)*c.spacing - int64(r.IntN(2001))
		if r.IntN(1000) == 0 {
			t -= int64(r.IntN(600_001))
		}
		u, cents, p := users.draw(r), 1+r.IntN(50_000), r.IntN(50)
		ts = time.UnixMilli(t).UTC().AppendFormat(ts[:0], "2006-01-02T15:04:05.000Z")

		b = append(b[:0], `{"event_id":`...)
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, `,"user_id":"u`...)
		b = strconv.AppendInt(b, int64(u), 10)
		b = append(b, `","event_time":"`...)
		b = append(b, ts...)
		b = append(b, `","amount":`...)
		b = money(b, cents)
		b = append(b, `,"page":"/p/`...)
		b = strconv.AppendInt(b, int64(p), 10)
		b = append(b, '"')
		b = append(b, extraJSON...)
		b = append(b, "}\n"...)
		j.Write(b)

		b = strconv.AppendInt(b[:0], int64(i), 10)
		b = append(b, ",u"...)
		b = strconv.AppendInt(b, int64(u), 10)
		b = append(b, ',')
		b = append(b, ts...)
		b = append(b, ',')
		b = money(b, cents)
		b = append(b, ",/p/"...)
		b = strconv.AppendInt(b, int64(p), 10)
		b = append(b, extraCSV...)
		b = append(b, '\n')
		w.Write(b)
	}
}

func money(b []byte, cents int) []byte {
	b = strconv.AppendInt(b, int64(cents/100), 10)
	return append(b, '.', byte('0'+cents/10%10), byte('0'+cents%10))
}

// zipf draws 0..n-1 with P(k) ~ 1/(k+1)^s through a cumulative table.
type zipf struct{ cum []float64 }

func newZipf(n int, s float64) *zipf {
	z := &zipf{cum: make([]float64, n)}
	t := 0.0
	for i := range z.cum {
		t += math.Pow(float64(i+1), -s)
		z.cum[i] = t
	}
	for i := range z.cum {
		z.cum[i] /= t
	}
	return z
}

func (z *zipf) draw(r *rand.Rand) int { return sort.SearchFloat64s(z.cum, r.Float64()) }
