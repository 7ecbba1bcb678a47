//go:build integration

package operators_test

import "testing"

// TestIntegrationJoinsHoldTheirBounds runs ten million rows of each side.
func TestIntegrationJoinsHoldTheirBounds(t *testing.T) { hold(t, 10_000_000) }
