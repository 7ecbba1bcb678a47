package screen

import "testing"

func TestScaled(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 999: "999", 1234: "1.2k", 2.5e6: "2.5M", 3e9: "3.0G"} {
		if Scaled(x) != want {
			t.Errorf("%v is shown as %s, want %s", x, Scaled(x), want)
		}
	}
}
