package main

import (
	"archive/zip"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// What people hand in is never shown as a page, whatever it is and is called, and
// no name of theirs breaks a header or leaves a folder.
func TestWalkFilesAreNeverPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=open")
	for _, id := range []string{"e1", "e2", "e4", "e5"} {
		at := "/dl/" + w.token + "/original/" + id
		w.again()
		require.Equal(t, http.StatusSeeOther, w.owner.post("/case/"+w.token, url.Values{"do": {"link"}, "file": {"original/" + id}}).status)
		links, err := w.doors.Links(t.Context(), w.kase.ID)
		require.NoError(t, err)
		l := links[len(links)-1]
		w.secret(l.Token, "evidence link")
		for _, by := range []struct {
			c  *caller
			at string
		}{{w.owner, at}, {w.nobody, "/e/" + l.Token + "/file"}} {
			for _, header := range [][]string{nil, {"Range", "bytes=0-4"}, {"Range", "bytes=0-0,2-3"}, {"Range", "bytes=-1"}, {"Range", "bytes=99999-"}, {"Range", "bytes=" + strings.Repeat("0-,", 3000) + "1-"}, {"Range", "lines=1"}, {"Range", "bytes=5-1"}, {"If-Range", `"other"`, "Range", "bytes=0-0"}, {"If-None-Match", "*"}, {"Accept", "text/html"}} {
				a := by.c.get(by.at, header...)
				what := id + " " + strings.Join(header, " ")
				guarded(t, a, what)
				require.Contains(t, []int{200, 206, 304, 416}, a.status, what)
				if a.status == http.StatusNotModified || a.status == http.StatusRequestedRangeNotSatisfiable {
					continue
				}
				require.Contains(t, []string{"video/mp4", "application/octet-stream"}, a.header.Get("Content-Type"), what)
				require.Contains(t, a.header.Get("Content-Security-Policy"), "sandbox", what)
				require.Len(t, a.header.Values("Content-Disposition"), 1)
				kind, args, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
				require.NoError(t, err, what)
				require.Equal(t, "attachment", kind, what)
				harmlessName(t, args["filename"])
			}
		}
	}
	require.Equal(t, http.StatusNotFound, w.owner.get("/dl/"+w.token+"/original/e3").status, "taken out")
	z, err := zip.NewReader(strings.NewReader(w.zip()), int64(len(w.zip())))
	require.NoError(t, err)
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		require.Equal(t, path.Clean(f.Name), f.Name)
		require.True(t, strings.HasPrefix(f.Name, w.kase.ID+"/"), f.Name)
		harmlessName(t, path.Base(f.Name))
		from, err := f.Open()
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, from)
		require.NoError(t, err)
	}
	payload := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, w.kase.ID+"/data/") })
	require.Len(t, payload, 10, "two pieces, their words, four originals, the record and two summaries: %q", payload)
	slices.Sort(names)
	require.Len(t, slices.Compact(slices.Clone(names)), len(names))
	w.down()
}

func (w *world) zip() string { return w.owner.get("/dl/" + w.token + "/all.zip").body }

func harmlessName(t *testing.T, name string) {
	t.Helper()
	require.NotEmpty(t, name)
	require.False(t, strings.ContainsAny(name, "/\\\"\r\n"), "%q", name)
	require.Equal(t, -1, strings.IndexFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }), "%q", name)
	require.False(t, strings.HasPrefix(name, "."), "%q", name)
}

// Of many who press a login link at once, each with a form of their own, one gets
// in; nobody chooses the session of somebody else; a way out is final.
func TestWalkSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=invite")
	code := w.newLogin(w.owner.session.Actor)
	enter := func(form, cookie string) answered {
		header := []string{"Cookie", "clipcase-form=" + form, "Sec-Fetch-Site", "same-origin"}
		if cookie != "" {
			header[1] += "; clipcase=" + cookie
		}
		return w.nobody.do(ask3{method: "POST", path: "/login/" + code, form: url.Values{"csrf": {form}}, header: header})
	}
	const letters = "abcdefghijklmnopqrstuvwxyz"
	var mu sync.Mutex
	var made []string
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			a := enter(strings.Repeat(letters[i:i+1], 26), nothing)
			mu.Lock()
			defer mu.Unlock()
			for _, c := range (&http.Response{Header: a.header}).Cookies() {
				if c.Name == "clipcase" && c.MaxAge > 0 {
					made = append(made, c.Value)
				}
			}
		})
	}
	wg.Wait()
	require.Len(t, made, 1, "one got in")
	require.NotEqual(t, nothing, made[0], "a cookie that was there before is not taken")
	w.secret(made[0], "cookie")
	in := w.caller(made[0])
	require.Equal(t, http.StatusOK, in.get("/case/"+w.token).status)
	require.Equal(t, http.StatusNotFound, enter(strings.Repeat("z", 26), "").status, "the link is used up")

	page := in.get("/logout").body
	_, token, _ := strings.Cut(page, `name="csrf" value="`)
	in.csrf, _, _ = strings.Cut(token, `"`)
	require.Equal(t, http.StatusSeeOther, in.post("/logout", nil).status)
	for _, at := range []string{"/case/" + w.token, "/cases", "/code", "/dl/" + w.token + "/original/e1", "/progress?case=" + w.kase.ID} {
		require.Equal(t, http.StatusNotFound, in.get(at).status, at)
	}
	require.Equal(t, http.StatusNotFound, in.post("/code", url.Values{"nonce": {"x"}}).status)

	// a login leads to pages of ours only
	for _, to := range []string{"//evil.example", "/\\evil.example", "https://evil.example", "/%2f/evil.example", "/.//evil.example", "/\tevil", "javascript:alert(1)", "\\\\evil", "/lang?to=//evil.example"} {
		a := w.owner.post("/lang", url.Values{"lang": {"en"}, "back": {to}})
		require.Equal(t, http.StatusSeeOther, a.status)
		require.Equal(t, "/", a.header.Get("Location"), to)
	}
	w.down()
}
