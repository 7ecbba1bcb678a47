package watermark

import "math"

// Monitor watches how far the times of a partition's rows are behind the time of day,
// and behind the newest row: what a delay has to make up for. It counts every row of
// the first ones, then one of every few for these: where there are many, it tells
// shares and not numbers. It moves no watermark.
type Monitor struct {
	// Rows is how many rows have been counted, Late those that came behind the
	// watermark of their partition.
	Rows, Late int64
	// Buckets and Severities sort the rows by their skew: how far they are behind the
	// time of day, or where that means nothing, behind the newest row.
	Buckets    [len(SkewBuckets)]int64
	Severities [len(SeverityNames)]int64
	// Most is the greatest skew, microseconds; 0 when no row is behind.
	Most int64
	sum  float64 // of the skews
	// Lags are those behind the newest row; nil before the first row.
	Lags *Lags

	latest int64
	next   int // physical row of the next batch that is counted
}

// SkewBuckets are the names of Monitor.Buckets. The bounds are upper ones, included.
var SkewBuckets = [...]string{"future", "0-1s", "1-5s", "5-30s", "30s-5m", "5m+"}

// SeverityNames are the names of Monitor.Severities: less than 1 minute, 5 minutes, 1
// hour behind, and more.
var SeverityNames = [...]string{"on_time", "slightly_late", "late", "very_late"}

const (
	skewSecond = int64(1_000_000)
	skewMinute = 60 * skewSecond
)

// wholeRows is how many rows are all counted; of the others one in sampleOf.
const (
	wholeRows = 1 << 16
	sampleOf  = 64
)

// Observe counts rows in their order: those listed in seen, nil for all of times. now is
// the time of day at which they came, 0 where that means nothing. Rows are late that lag
// by more than delay, or for a negative one whose time is before wm, the watermark before
// them. delay should be a bound of m.Lags, if it is used.
func (m *Monitor) Observe(times []int64, seen []int32, now, delay, wm int64) {
	if m.Lags == nil {
		m.Lags, m.latest = NewLags(delay), math.MinInt64
	}
	latest := m.latest
	n := len(times)
	if seen != nil {
		n = len(seen)
	}
	for k := 0; k < n; {
		next, weight := m.next, int64(1)
		if m.Rows >= wholeRows {
			weight = sampleOf
		}
		if next >= n {
			m.next -= n
			if seen == nil {
				latest = greatest(times[k:], latest)
			} else {
				latest = greatestOf(times, seen[k:], latest)
			}
			break
		}
		t := int64(0)
		if seen == nil {
			latest, t = greatest(times[k:next], latest), times[next]
		} else {
			latest, t = greatestOf(times, seen[k:next], latest), times[seen[next]]
		}
		m.count(t, latest, now, delay, wm, weight)
		latest = max(latest, t)
		k = next + 1
		m.next = next + int(weight)
		if k >= n {
			m.next -= n
		}
	}
	m.latest = latest
}

// greatest returns the greatest of some times and one before them. Four of them are
// looked at side by side, as none has to wait for the others.
func greatest(times []int64, latest int64) int64 {
	a, b, c := latest, latest, latest
	for len(times) >= 4 {
		a, b, c, latest = max(a, times[0]), max(b, times[1]), max(c, times[2]), max(latest, times[3])
		times = times[4:]
	}
	latest = max(latest, a, b, c)
	for _, t := range times {
		latest = max(latest, t)
	}
	return latest
}

func greatestOf(times []int64, rows []int32, latest int64) int64 {
	for _, r := range rows {
		latest = max(latest, times[r])
	}
	return latest
}

// count counts a row at t, which stands for weight rows.
func (m *Monitor) count(t, latest, now, delay, wm, weight int64) {
	lag := int64(0)
	if latest > t && latest != math.MinInt64 {
		lag = since(t, latest)
	}
	m.Rows += weight
	m.Lags.AddTimes(lag, weight)
	if delay >= 0 && lag > delay || delay < 0 && t < wm {
		m.Late += weight
	}
	skew := lag
	if now != 0 {
		skew = now - t
	}
	m.sum += float64(skew) * float64(weight)
	m.Most = max(m.Most, skew)
	bucket, severity := 0, 0
	switch {
	case skew < 0:
	case skew <= skewSecond:
		bucket = 1
	case skew <= 5*skewSecond:
		bucket = 2
	case skew <= 30*skewSecond:
		bucket = 3
	case skew <= 5*skewMinute:
		bucket = 4
	default:
		bucket = 5
	}
	switch {
	case skew < skewMinute:
	case skew < 5*skewMinute:
		severity = 1
	case skew < 60*skewMinute:
		severity = 2
	default:
		severity = 3
	}
	m.Buckets[bucket] += weight
	m.Severities[severity] += weight
}

// Mean returns the mean skew, microseconds.
func (m *Monitor) Mean() int64 {
	if m.Rows == 0 {
		return 0
	}
	return int64(m.sum / float64(m.Rows))
}

// LateRatio returns the share of rows that came behind the watermark.
func (m *Monitor) LateRatio() float64 {
	if m.Rows == 0 {
		return 0
	}
	return float64(m.Late) / float64(m.Rows)
}

// problematicRatio is the share of late rows above which a source is problematic.
const problematicRatio = 0.05

// Problematic reports whether so many rows are late that something should be done.
func (m *Monitor) Problematic() bool { return m.LateRatio() > problematicRatio }

// Clone returns a copy that does not change with m.
func (m *Monitor) Clone() *Monitor {
	c := *m
	if m.Lags != nil {
		c.Lags = m.Lags.clone()
	}
	return &c
}

// Add adds what another has counted, which must have been given the same delay.
func (m *Monitor) Add(x *Monitor) {
	m.Rows, m.Late, m.sum, m.Most = m.Rows+x.Rows, m.Late+x.Late, m.sum+x.sum, max(m.Most, x.Most)
	for i := range m.Buckets {
		m.Buckets[i] += x.Buckets[i]
	}
	for i := range m.Severities {
		m.Severities[i] += x.Severities[i]
	}
	switch {
	case x.Lags == nil:
	case m.Lags == nil:
		m.Lags = x.Lags.clone()
	default:
		m.Lags.add(x.Lags)
	}
}
