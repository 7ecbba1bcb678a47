package stdio

import "github.com/mattn/go-runewidth"

// terminal measures text for a terminal of today, whatever the locale: only
// characters that are wide everywhere take two places.
var terminal = runewidth.Condition{StrictEmojiNeutral: true}

// width returns how many places text takes on a terminal.
func width(text string) int {
	for i := 0; i < len(text); i++ {
		if text[i] >= 0x80 {
			return terminal.StringWidth(text)
		}
	}
	return len(text)
}
