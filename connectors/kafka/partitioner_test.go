package kafka

import "testing"

// The hashes are those of Kafka's own tests (UtilsTest.testMurmur2).
func TestMurmur2(t *testing.T) {
	for key, want := range map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(murmur2([]byte(key))); got != want {
			t.Errorf("murmur2(%q) = %d, want %d", key, got, want)
		}
	}
}

func TestPartitionOf(t *testing.T) {
	// murmur2("21") is negative: Kafka clears the sign, it does not negate.
	if got, want := partitionOf([]byte("21"), 7), (-973932308&0x7fffffff)%7; got != want {
		t.Errorf("partition of 21 among 7 is %d, want %d", got, want)
	}
	if got := partitionOf(nil, 1); got != 0 {
		t.Errorf("partition among 1 is %d", got)
	}
}
