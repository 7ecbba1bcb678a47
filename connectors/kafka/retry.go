package kafka

import (
	"time"

	"tidemark/connectors"
)

// The first and the longest pause before something is asked again: what a Kafka is in
// trouble with is mostly over soon, as when a partition gets another leader.
const (
	firstPause   = 20 * time.Millisecond
	longestPause = 2 * time.Second
)

// newRetry returns what asks a Kafka again that is not available.
func newRetry() *connectors.Retry {
	return &connectors.Retry{Delay: firstPause, Longest: longestPause, Times: -1}
}
