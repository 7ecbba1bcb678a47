package redis

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fake is a Redis that knows what the sink asks for. Its commands are carried out one
// at a time.
type fake struct {
	listener net.Listener
	mu       sync.Mutex
	hashes   map[string]map[string]string
	strings  map[string]bool // keys that are no hashes
	ttls     map[string]string
	version  int // grows with each write
	// lose closes the connection instead of answering the next EXEC, before it is
	// carried out or after.
	lose string
	gone bool
}

// stop has the server be gone: no connection is answered any more, and none made.
func (f *fake) stop() {
	f.listener.Close()
	f.mu.Lock()
	f.gone = true
	f.mu.Unlock()
}

func startFake(t *testing.T) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{listener: l, hashes: map[string]map[string]string{}, strings: map[string]bool{}, ttls: map[string]string{}}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer c.Close(); f.serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return f
}

// serve answers the commands of a connection.
func (f *fake) serve(c net.Conn) {
	in := bufio.NewReader(c)
	var queued [][]string
	inMulti, watched := false, 0
	for {
		command, err := readCommand(in)
		if err != nil {
			return
		}
		var answer string
		f.mu.Lock()
		if f.gone {
			f.mu.Unlock()
			return
		}
		switch name := strings.ToUpper(command[0]); {
		case name == "MULTI":
			inMulti, queued, answer = true, nil, "+OK\r\n"
		case name == "WATCH":
			watched, answer = f.version, "+OK\r\n"
		case name == "EXEC":
			lose := f.lose
			f.lose = ""
			if lose == "before" {
				f.mu.Unlock()
				return
			}
			answer = "*-1\r\n"
			if watched == f.version {
				answer = "*" + strconv.Itoa(len(queued)) + "\r\n"
				for _, q := range queued {
					answer += f.do(q)
				}
			}
			if inMulti = false; lose == "after" {
				f.mu.Unlock()
				return
			}
		case inMulti:
			queued, answer = append(queued, command), "+QUEUED\r\n"
		default:
			answer = f.do(command)
		}
		f.mu.Unlock()
		if _, err := io.WriteString(c, answer); err != nil {
			return
		}
	}
}

// do carries a command out and returns the answer.
func (f *fake) do(command []string) string {
	name, arguments := strings.ToUpper(command[0]), command[1:]
	if len(arguments) > 0 && f.strings[arguments[0]] && strings.HasPrefix(name, "H") {
		return "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
	}
	switch name {
	case "HSET":
		f.version++
		hash := f.hashes[arguments[0]]
		if hash == nil {
			hash = map[string]string{}
			f.hashes[arguments[0]] = hash
		}
		for i := 1; i < len(arguments); i += 2 {
			hash[arguments[i]] = arguments[i+1]
		}
		return ":1\r\n"
	case "HDEL":
		f.version++
		for _, field := range arguments[1:] {
			delete(f.hashes[arguments[0]], field)
		}
		return ":1\r\n"
	case "DEL":
		f.version++
		delete(f.hashes, arguments[0])
		return ":1\r\n"
	case "PEXPIRE":
		f.ttls[arguments[0]] = arguments[1]
		return ":1\r\n"
	case "HMGET":
		answer := "*" + strconv.Itoa(len(arguments)-1) + "\r\n"
		for _, field := range arguments[1:] {
			if v, ok := f.hashes[arguments[0]][field]; ok {
				answer += fmt.Sprintf("$%d\r\n%s\r\n", len(v), v)
			} else {
				answer += "$-1\r\n"
			}
		}
		return answer
	case "PING", "UNWATCH", "SELECT":
		return "+OK\r\n"
	}
	return "-ERR unknown command '" + command[0] + "'\r\n"
}

// readCommand reads an array of texts.
func readCommand(in *bufio.Reader) ([]string, error) {
	n, err := readNumber(in, '*')
	if err != nil {
		return nil, err
	}
	out := make([]string, n)
	for i := range out {
		size, err := readNumber(in, '$')
		if err != nil {
			return nil, err
		}
		text := make([]byte, size+2)
		if _, err := io.ReadFull(in, text); err != nil {
			return nil, err
		}
		out[i] = string(text[:size])
	}
	return out, nil
}

func readNumber(in *bufio.Reader, sign byte) (int, error) {
	line, err := in.ReadString('\n')
	if err != nil || len(line) < 3 || line[0] != sign {
		return 0, io.ErrUnexpectedEOF
	}
	return strconv.Atoi(strings.TrimRight(line[1:], "\r\n"))
}

// content lists the hashes: "key field=value field=value".
func (f *fake) content() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(f.hashes)) {
		line := key
		for _, field := range slices.Sorted(maps.Keys(f.hashes[key])) {
			line += " " + field + "=" + f.hashes[key][field]
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
