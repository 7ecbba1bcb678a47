package screen

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

func TestScreen(t *testing.T) {
	var out bytes.Buffer
	s := New(&out, func() (int, int) { return 12, 5 })
	step := func(what string, do func(), want string) {
		t.Helper()
		out.Reset()
		do()
		if out.String() != want {
			t.Errorf("%s wrote %q, want %q", what, out.String(), want)
		}
	}
	step("text without a block", func() { io.WriteString(s, "a\n") }, "a\n")
	step("a block", func() { s.Draw("one\ntwo") }, "one\ntwo")
	step("text above it", func() { fmt.Fprint(s, "b\n") }, "\r\x1b[1A\x1b[Jb\none\ntwo")
	step("another block, cut to the width", func() { s.Draw("日本語日本語日\nabcdefghijklm") }, "\r\x1b[1A\x1b[J日本語日本…\nabcdefgh…")
	step("no block", func() { s.Draw("") }, "\r\x1b[1A\x1b[J")
	step("a line", func() { s.Draw("x") }, "x")
	step("the last block", func() { s.Leave("y") }, "\r\x1b[Jy\n")
	step("text below it", func() { io.WriteString(s, "c\n") }, "c\n")
	s.Draw("z")
	step("leaving nothing", func() { s.Leave("") }, "\r\x1b[J")
}
