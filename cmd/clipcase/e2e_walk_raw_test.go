package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// raw sends bytes as they are and reads until the program closes the connection or
// says nothing more. It does not end its own side first: that is a visitor who left.
func (w *world) raw(text string) ([]answered, error) {
	conn, err := net.DialTimeout("tcp", w.addr, 20*time.Second)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return nil, err
	}
	_, _ = conn.Write([]byte(text)) // it may stop reading: what it said still comes
	var all []answered
	from := bufio.NewReader(conn)
	for {
		if len(all) > 0 { // a connection that stays open has nothing more to say
			if err := conn.SetReadDeadline(time.Now().Add(60 * time.Millisecond)); err != nil {
				return nil, err
			}
		}
		resp, err := http.ReadResponse(from, nil)
		if err != nil {
			return all, nil // whatever ended it, that was all
		}
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // cut off where the connection was
		all = append(all, answered{resp.StatusCode, resp.Header, string(body)})
	}
}

// fill puts what only the running program knows into a request.
func (w *world) fill(text string) string {
	return strings.NewReplacer("{addr}", w.addr, "{token}", w.token, "{cookie}", w.owner.cookie, "{grant}", w.grant, "{csrf}", w.owner.csrf, "{long}", strings.Repeat("x", 64<<10), "\n", "\r\n").Replace(text)
}

// Requests as no browser sends them. Each is one answer at most, and one that
// tells nothing; want lists what is right.
func TestWalkOddRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=open")
	const host = "Host: {addr}\n"
	const own = host + "Cookie: clipcase={cookie}\n"
	table := map[string]struct {
		text string
		want []int
	}{
		"another host":                   {"GET / HTTP/1.1\nHost: evil.example\n\n", []int{421}},
		"another host, forwarded":        {"GET / HTTP/1.1\nHost: evil.example\nX-Forwarded-Host: {addr}\n\n", []int{421}},
		"no host":                        {"GET / HTTP/1.1\n\n", []int{400}},
		"no host, old":                   {"GET / HTTP/1.0\n\n", []int{421}},
		"an empty host":                  {"GET / HTTP/1.1\nHost: \n\n", []int{421}},
		"two hosts":                      {"GET / HTTP/1.1\n" + host + "Host: evil.example\n\n", []int{400}},
		"a host with a path":             {"GET / HTTP/1.1\nHost: {addr}/evil\n\n", []int{400, 421}},
		"a host with a name":             {"GET / HTTP/1.1\nHost: evil@{addr}\n\n", []int{400, 421}},
		"a host that begins well":        {"GET / HTTP/1.1\nHost: localhost.evil.example\n\n", []int{421}},
		"a whole address":                {"GET http://{addr}/healthz HTTP/1.1\n" + host + "\n", []int{200}},
		"a whole address elsewhere":      {"GET http://evil.example/ HTTP/1.1\n" + host + "\n", []int{421}},
		"an address without a host":      {"GET http:/// HTTP/1.1\n" + host + "\n", []int{200, 400, 421}},
		"an opaque address":              {"GET http:evil HTTP/1.1\n" + host + "\n", []int{307, 400, 404, 421}},
		"asterisk":                       {"OPTIONS * HTTP/1.1\n" + host + "\n", []int{400, 404}},
		"asterisk by get":                {"GET * HTTP/1.1\n" + host + "\n", []int{400}},
		"connect":                        {"CONNECT evil.example:80 HTTP/1.1\nHost: evil.example:80\n\n", []int{400, 404, 421}},
		"connect to a path":              {"CONNECT /case/{token} HTTP/1.1\n" + host + "\n", []int{400, 404}},
		"a folder up":                    {"GET /dl/{token}/../../case/{token} HTTP/1.1\n" + own + "\n", []int{301, 307}},
		"a folder up, encoded":           {"GET /dl/{token}/original/..%2f..%2f..%2fe1 HTTP/1.1\n" + own + "\n", []int{404}},
		"a folder up in an upload":       {"DELETE /files/..%2f..%2fetc%2fpasswd HTTP/1.1\n" + host + "Upload-Grant: {grant}\nTus-Resumable: 1.0.0\n\n", []int{404}},
		"assets, a folder up":            {"GET /assets/..%2f..%2fgo.mod HTTP/1.1\n" + host + "\n", []int{404}},
		"assets, backslashes":            {"GET /assets/..\\..\\go.mod HTTP/1.1\n" + host + "\n", []int{404}},
		"a zero byte":                    {"GET /dl/{token}/original/e1%00.mp4 HTTP/1.1\n" + own + "\n", []int{404}},
		"a zero byte as it is":           {"GET /case/\x00 HTTP/1.1\n" + own + "\n", []int{400}},
		"an encoding cut off":            {"GET /case/% HTTP/1.1\n" + own + "\n", []int{400}},
		"not UTF-8":                      {"GET /case/%ff%fe HTTP/1.1\n" + own + "\n", []int{404}},
		"a second slash":                 {"GET //evil.example/%2e%2e HTTP/1.1\n" + host + "\n", []int{301, 307}},
		"backslash for a host":           {"GET /\\evil.example HTTP/1.1\n" + host + "\n", []int{404}},
		"a line in the path":             {"GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\n" + host + "\n", []int{404}},
		"a long path":                    {"GET /{long} HTTP/1.1\n" + host + "\n", []int{431}},
		"a long header":                  {"GET / HTTP/1.1\n" + host + "X-A: {long}\n\n", []int{431}},
		"a long cookie":                  {"GET / HTTP/1.1\n" + host + "Cookie: clipcase={long}\n\n", []int{431}},
		"many cookies":                   {"GET / HTTP/1.1\n" + host + "Cookie: " + strings.Repeat("clipcase=a; ", 1200) + "clipcase={cookie}\n\n", []int{200}},
		"the right cookie second":        {"GET /case/{token} HTTP/1.1\n" + host + "Cookie: clipcase=" + nothing + "; clipcase={cookie}\n\n", []int{404}},
		"cookies on two lines":           {"GET /case/{token} HTTP/1.1\n" + host + "Cookie: clipcase={cookie}\nCookie: clipcase=" + nothing + "\n\n", []int{200}},
		"a cookie in quotes":             {"GET /case/{token} HTTP/1.1\n" + host + "Cookie: clipcase=\"{cookie}\"\n\n", []int{200, 404}},
		"the session as a parameter":     {"GET /case/{token}?clipcase={cookie} HTTP/1.1\n" + host + "Authorization: Bearer {cookie}\n\n", []int{404}},
		"the token in the address":       {"POST /case/{token}?csrf={csrf}&do=forget&sure=CC0001 HTTP/1.1\n" + own + "Content-Type: application/x-www-form-urlencoded\nContent-Length: 0\n\n", []int{403}},
		"two lengths":                    {"POST /lang HTTP/1.1\n" + host + "Content-Length: 3\nContent-Length: 4\n\nabcd", []int{400}},
		"a length below zero":            {"POST /lang HTTP/1.1\n" + host + "Content-Length: -1\n\n", []int{400}},
		"a length with a plus":           {"POST /lang HTTP/1.1\n" + host + "Content-Length: +3\n\nabc", []int{400}},
		"an unknown transfer":            {"POST /lang HTTP/1.1\n" + host + "Transfer-Encoding: xchunked\n\n0\n\n", []int{501}},
		"a doubled transfer":             {"POST /lang HTTP/1.1\n" + host + "Transfer-Encoding: chunked\nTransfer-Encoding: identity\n\n0\n\n", []int{400, 501}},
		"a space before the colon":       {"POST /lang HTTP/1.1\n" + host + "Content-Length : 3\n\nabc", []int{400}},
		"a folded header":                {"GET / HTTP/1.1\n" + host + "X-A: b\n Content-Length: 5\n\n", []int{200, 400}},
		"a header without a name":        {"GET / HTTP/1.1\n" + host + ": x\n\n", []int{400}},
		"a chunk of no number":           {"POST /lang HTTP/1.1\n" + host + "Transfer-Encoding: chunked\n\nzz\nabc\n0\n\n", []int{400, 403}},
		"a method for the tunnel":        {"PRI * HTTP/2.0\n\nSM\n\n", []int{400, 404, 405, 505}},
		"an upgrade":                     {"GET /case/{token} HTTP/1.1\n" + host + "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAAQAAP__\n\n", []int{404}},
		"not the web at all":             {"SSH-2.0-OpenSSH_9\n\n", []int{400}},
		"a handshake":                    {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", []int{400}},
		"expects":                        {"POST /lang HTTP/1.1\n" + host + "Expect: 200-ok\nContent-Length: 1\n\na", []int{417}},
		"a large form":                   {"POST /lang HTTP/1.1\n" + host + "Content-Type: application/x-www-form-urlencoded\nContent-Length: 2000000\n\n" + strings.Repeat("lang=en&", 250000), []int{413}},
		"a large form where files go":    {"POST /upload/" + nothing + " HTTP/1.1\n" + host + "Content-Type: application/x-www-form-urlencoded\nContent-Length: 2000000\n\n" + strings.Repeat("lang=en&", 250000), []int{404}},
		"a form of many fields":          {"POST /lang HTTP/1.1\n" + host + "Content-Type: application/x-www-form-urlencoded\nContent-Length: 900000\n\n" + strings.Repeat("a=&", 300000), []int{403, 413}},
		"a header for another's address": {"GET /i/x HTTP/1.1\n" + host + "X-Forwarded-Proto: https\nX-Forwarded-Host: evil.example\nForwarded: host=evil.example\nX-Original-URL: /metrics\nX-Rewrite-URL: /metrics\n\n", []int{404}},
	}
	type heard struct {
		all []answered
		err error
	}
	said := map[string]*heard{}
	var wg sync.WaitGroup
	for name, test := range table { // at once: most of it is waiting for a second answer
		h := &heard{}
		said[name] = h
		wg.Go(func() { h.all, h.err = w.raw(w.fill(test.text)) })
	}
	wg.Wait()
	for name, test := range table {
		t.Run(name, func(t *testing.T) {
			all := said[name].all
			require.NoError(t, said[name].err)
			require.Len(t, all, 1, "one answer")
			a := all[0]
			require.Contains(t, test.want, a.status, a.body)
			require.Less(t, a.status, 502)
			if to := a.header.Get("Location"); to != "" {
				require.Regexp(t, `^/($|[^/\\\\])`, to, "stays here")
			} else {
				require.NotContains(t, a.body, "evil.example", "nothing of the request comes back")
			}
			require.NotContains(t, strings.Join(a.header.Values("Set-Cookie"), ";"), "a=b", "no header out of the request")
			if a.header.Get("Content-Security-Policy") == "" {
				// what the server of the library answers before any request exists
				require.Contains(t, []int{400, 417, 431, 501, 505}, a.status)
				require.True(t, a.body == "" || a.header.Get("Content-Type") == "text/plain; charset=utf-8", a.body)
				return
			}
			guarded(t, a, name)
		})
	}
	w.unhurt()
	w.down()
}

// Two requests that a proxy might take for one.
func TestWalkSmuggled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=open")
	const inner = "GET /case/{token} HTTP/1.1\nHost: {addr}\nCookie: clipcase={cookie}\n\n"
	for name, text := range map[string]string{
		"length and chunks":            "POST /lang HTTP/1.1\nHost: {addr}\nContent-Length: 6\nTransfer-Encoding: chunked\n\n0\n\n" + inner,
		"chunks and length":            "POST /lang HTTP/1.1\nHost: {addr}\nTransfer-Encoding: chunked\nContent-Length: 4\n\n0\n\n" + inner,
		"chunks by a hidden name":      "POST /lang HTTP/1.1\nHost: {addr}\nContent-Length: 5\nTransfer-Encoding : chunked\n\n0\n\n" + inner,
		"chunks twice":                 "POST /lang HTTP/1.1\nHost: {addr}\nTransfer-Encoding: chunked, chunked\n\n0\n\n" + inner,
		"chunks in a tab":              "POST /lang HTTP/1.1\nHost: {addr}\nContent-Length: 5\nTransfer-Encoding:\tchunked\x0b\n\n0\n\n" + inner,
		"lengths that differ":          "POST /lang HTTP/1.1\nHost: {addr}\nContent-Length: 5\nContent-Length: 0\n\n" + inner,
		"a body to get":                "GET /nothing HTTP/1.1\nHost: {addr}\nContent-Length: {inner}\n\n" + inner,
		"a body where none is awaited": "POST /nothing HTTP/1.1\nHost: {addr}\nContent-Length: 300\nConnection: close\n\n" + inner + strings.Repeat("x", 300),
	} {
		t.Run(name, func(t *testing.T) {
			all, err := w.raw(strings.ReplaceAll(w.fill(text), "{inner}", strconv.Itoa(len(w.fill(inner)))))
			require.NoError(t, err)
			require.NotEmpty(t, all)
			for i, a := range all {
				if i == 0 {
					require.GreaterOrEqual(t, a.status, 400, a.body)
					require.NotContains(t, a.body, w.kase.Statement)
				}
				// a second answer is fine only where all agree that the first request has ended
				if i > 0 {
					require.Contains(t, []string{"chunks and length", "length and chunks"}, name, "%d: %s", a.status, a.body)
				}
			}
		})
	}
	w.unhurt()
}

// Headers and bodies that come by the drop, and connections by the thousand.
func TestWalkSlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=open")
	const many = 1500
	var wg sync.WaitGroup
	var mu sync.Mutex
	cut := 0
	for i := range many {
		wg.Go(func() {
			conn, err := net.DialTimeout("tcp", w.addr, 20*time.Second)
			if err != nil {
				return // refused is as good as cut
			}
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(time.Now().Add(60 * time.Second)) // a socket of ours
			_, _ = conn.Write([]byte("GET / HTTP/1.1\r\nHost: " + w.addr + "\r\nX-Slow: "))
			for range 20 {
				if _, err := conn.Write([]byte{byte('a' + i%26)}); err != nil {
					break
				}
				if err := conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
					break
				}
				_, err := conn.Read(make([]byte, 256))
				var late net.Error
				if err != nil && (!errors.As(err, &late) || !late.Timeout()) {
					mu.Lock()
					cut++
					mu.Unlock()
					return
				}
			}
		})
	}
	// bodies by the drop, of a form and of an upload nobody granted
	slow := 0
	for _, begin := range []string{
		"POST /lang HTTP/1.1\nHost: {addr}\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 1000\n\n",
		"POST /start HTTP/1.1\nHost: {addr}\nContent-Type: application/x-www-form-urlencoded\nTransfer-Encoding: chunked\n\n1\na\n",
		"POST /upload/" + nothing + " HTTP/1.1\nHost: {addr}\nContent-Type: multipart/form-data; boundary=x\nContent-Length: 1000000\n\n",
		"PATCH /files/" + nothing + " HTTP/1.1\nHost: {addr}\nUpload-Grant: " + nothing + "\nTus-Resumable: 1.0.0\nContent-Length: 1000000\n\n",
	} {
		wg.Go(func() {
			begun := time.Now()
			conn, err := net.Dial("tcp", w.addr)
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(begun.Add(90 * time.Second)) // a socket of ours
			_, _ = io.WriteString(conn, w.fill(begin))
			_, _ = io.Copy(io.Discard, conn) // until it is cut
			mu.Lock()
			defer mu.Unlock()
			if time.Since(begun) < 50*time.Second {
				slow++
			}
		})
	}
	// meanwhile people are served
	for range 5 {
		require.Equal(t, http.StatusOK, w.owner.get("/healthz").status)
	}
	wg.Wait()
	require.Equal(t, 4, slow, "a body that does not come is not waited for")
	require.Equal(t, many, cut, "whoever does not finish a header within its time is cut")
	w.unhurt()
	require.False(t, bytes.Contains([]byte(w.serve.words()), []byte("too many open files")))
}
