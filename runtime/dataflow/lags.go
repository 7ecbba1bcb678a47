package dataflow

import "tidemark/operators/watermark"

// Lags counts how far rows lag behind: see watermark.Lags.
type Lags = watermark.Lags

// NewLags returns an empty count with further bounds.
func NewLags(exact ...int64) *Lags { return watermark.NewLags(exact...) }

// Monitor counts how far behind rows come: see watermark.Monitor.
type Monitor = watermark.Monitor

// SkewBuckets and SeverityNames are the names of what a Monitor sorts rows by.
var (
	SkewBuckets   = watermark.SkewBuckets
	SeverityNames = watermark.SeverityNames
)
