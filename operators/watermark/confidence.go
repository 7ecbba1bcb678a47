package watermark

// Witness is a source as one that says how far time has come.
type Witness struct {
	// Reliability is from 0, not to be relied on, to 1.
	Reliability float64
	// TypicalDelay is how long the source usually is silent, microseconds; 0 is unknown.
	TypicalDelay int64
	// Silence is how long it has been silent, microseconds; 0 for one that is over.
	Silence int64
}

// Lags reports whether the source has been silent for longer than it should: more
// than three times as long as usual.
func (w Witness) Lags() bool { return w.TypicalDelay > 0 && w.Silence > 3*w.TypicalDelay }

// Freshness is 1 when the source has just spoken, and 0 when it has been silent for
// five times as long as usual.
func (w Witness) Freshness() float64 {
	if w.TypicalDelay <= 0 {
		return 1
	}
	return max(0, 1-float64(w.Silence)/(5*float64(w.TypicalDelay)))
}

// Confidence is the mean of the witnesses' reliability times freshness: how far
// what they say together is to be relied on. Of none it is 1.
func Confidence(list []Witness) float64 {
	if len(list) == 0 {
		return 1
	}
	sum := 0.0
	for _, w := range list {
		sum += w.Reliability * w.Freshness()
	}
	return sum / float64(len(list))
}
