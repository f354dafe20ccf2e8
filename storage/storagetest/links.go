package storagetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// webCase is a saved case of someone on the web.
func webCase(t *testing.T, f *Fixture) *flows.Case {
	t.Helper()
	c := newCase(t, f)
	c.Actor, c.Chat = web, web
	save(t, f, flows.Commit{Event: "web" + c.ID, Case: c})
	return c
}

func forgetClosesDoors(t *testing.T, f *Fixture) {
	c, other := webCase(t, f), webCase(t, f)
	tokens := map[string]bool{}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range 10 {
		wg.Go(func() {
			token, err := f.Doors.CaseToken(t.Context(), c.ID)
			mu.Lock()
			defer mu.Unlock()
			tokens[token] = err == nil
		})
	}
	wg.Wait()
	require.Len(t, tokens, 1)
	page, err := f.Doors.CaseToken(t.Context(), c.ID)
	require.NoError(t, err)
	require.True(t, tokens[page])
	otherPage, err := f.Doors.CaseToken(t.Context(), other.ID)
	require.NoError(t, err)
	require.NotEqual(t, page, otherPage)
	id, err := f.Doors.CaseByToken(t.Context(), page)
	require.NoError(t, err)
	require.Equal(t, c.ID, id)

	link := evidence(t, f, c.ID, "a.mp4")
	g, code := grant(t, f, pass.Grant{Case: c.ID})
	bound, free := upload(1, 10), upload(2, 10)
	bound.Case = c.ID
	require.NoError(t, f.Doors.BeginUpload(t.Context(), bound, g))
	mine, _ := grant(t, f, pass.Grant{})
	require.NoError(t, f.Doors.BeginUpload(t.Context(), free, mine))
	of, beside := show("n1", web, ""), show("n2", web, "")
	of.Case = c.ID
	post(t, f, of, beside)

	for range 2 {
		require.NoError(t, f.Cases.Forget(t.Context(), c.ID))
	}
	for name, try := range map[string]func() error{
		"page":        func() error { _, err := f.Doors.CaseByToken(t.Context(), page); return err },
		"new page":    func() error { _, err := f.Doors.CaseToken(t.Context(), c.ID); return err },
		"link":        func() error { _, err := f.Doors.OpenLink(t.Context(), link.Token, true); return err },
		"new link":    func() error { _, err := f.Doors.NewLink(t.Context(), link); return err },
		"grant":       func() error { _, err := f.Doors.Grant(t.Context(), code); return err },
		"new grant":   func() error { _, err := f.Doors.NewGrant(t.Context(), g); return err },
		"upload":      func() error { _, err := f.Doors.Upload(t.Context(), bound.ID); return err },
		"begin":       func() error { return f.Doors.BeginUpload(t.Context(), bound, g) },
		"into a case": func() error { return f.Doors.BeginUpload(t.Context(), bound, mine) },
		"moved": func() error {
			_, err := f.Doors.ChangeUpload(t.Context(), free.ID, func(u *pass.Upload) error { u.Case = c.ID; return nil })
			return err
		},
	} {
		err := try()
		require.Equal(t, flows.NotFound, flows.ClassOf(err), "%s: %v", name, err)
	}
	list, err := f.Doors.Links(t.Context(), c.ID)
	require.NoError(t, err)
	require.Empty(t, list)
	require.Equal(t, []string{free.ID}, uploads(t, f))
	require.Equal(t, []string{"n2"}, noticed(t, f))
	id, err = f.Doors.CaseByToken(t.Context(), otherPage)
	require.NoError(t, err)
	require.Equal(t, other.ID, id)
}

func evidence(t *testing.T, f *Fixture, id, name string) pass.Link {
	t.Helper()
	l, err := f.Doors.NewLink(t.Context(), pass.Link{Case: id, Blob: "cases/" + id + "/attempts/a/" + name, Name: name, MIME: "video/mp4", Bytes: 7})
	require.NoError(t, err)
	require.Regexp(t, `^[a-z2-7]{26}$`, l.Token)
	return l
}

func links(t *testing.T, f *Fixture) {
	c, other := webCase(t, f), webCase(t, f)
	first := evidence(t, f, c.ID, "a.mp4")
	f.Clock.Advance(time.Second)
	f.LoseReply()
	second := evidence(t, f, c.ID, "b.mp4")
	require.Equal(t, first, evidence(t, f, c.ID, "a.mp4"))
	f.LoseReply()
	seen, err := f.Doors.OpenLink(t.Context(), first.Token, true)
	require.NoError(t, err)
	require.EqualValues(t, 1, seen.Views)
	_, err = f.Doors.OpenLink(t.Context(), first.Token, false)
	require.NoError(t, err)
	seen, err = f.Doors.OpenLink(t.Context(), first.Token, true)
	require.NoError(t, err)
	first.Views = 2
	require.Equal(t, first, seen)
	list, err := f.Doors.Links(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, []pass.Link{first, second}, list)

	class(t, flows.NotFound, f.Doors.RevokeLink(t.Context(), other.ID, first.Token))
	f.LoseReply()
	require.NoError(t, f.Doors.RevokeLink(t.Context(), c.ID, first.Token))
	class(t, flows.NotFound, f.Doors.RevokeLink(t.Context(), c.ID, first.Token))
	_, err = f.Doors.OpenLink(t.Context(), first.Token, true)
	class(t, flows.NotFound, err)
	require.NotEqual(t, first.Token, evidence(t, f, c.ID, "a.mp4").Token)

	for _, blob := range []string{"", "cases/" + other.ID + "/originals/x", "cases/" + c.ID, "cases/" + c.ID + "/../" + other.ID + "/x"} {
		_, err := f.Doors.NewLink(t.Context(), pass.Link{Case: c.ID, Blob: blob})
		class(t, flows.Invalid, err)
	}
}

func rates(t *testing.T, f *Fixture) {
	try := func(key string) (bool, time.Duration) {
		ok, wait, err := f.Doors.Allow(t.Context(), key, 3, time.Minute)
		require.NoError(t, err)
		return ok, wait
	}
	f.LoseReply() // counts once
	for range 3 {
		ok, _ := try("a")
		require.True(t, ok)
	}
	ok, wait := try("a")
	require.False(t, ok)
	require.Equal(t, 20*time.Second, wait)
	ok, _ = try("b")
	require.True(t, ok, "each key counts for itself")
	f.Clock.Advance(wait - time.Millisecond)
	ok, wait = try("a")
	require.False(t, ok)
	require.Equal(t, time.Millisecond, wait)
	f.Clock.Advance(time.Millisecond)
	ok, _ = try("a")
	require.True(t, ok)
	ok, _ = try("a")
	require.False(t, ok)
	f.Clock.Advance(time.Hour)
	passed := 0
	for range 20 {
		if ok, _ := try("a"); ok {
			passed++
		}
	}
	require.Equal(t, 3, passed)
	_, _, err := f.Doors.Allow(t.Context(), "a", 0, time.Minute)
	class(t, flows.Invalid, err)
}

func noticed(t *testing.T, f *Fixture) []string {
	t.Helper()
	screens, err := f.Doors.Notices(t.Context(), web)
	require.NoError(t, err)
	steps := []string{}
	for _, s := range screens {
		steps = append(steps, s.Step)
	}
	return steps
}

func notices(t *testing.T, f *Fixture) {
	late := show("late", web, "")
	late.After = f.Clock.Now().Add(time.Minute)
	alert := flows.Effect{ID: "alert", Kind: flows.EffectAlert}
	f.LoseReply()
	post(t, f, show("chat", actor, ""), show("n1", web, ""), show("old", web, "step"), late, show("new", web, "step"), alert)
	require.ElementsMatch(t, []string{"chat", "alert"}, drain(t, f), "only a messenger has letters")
	require.Equal(t, []string{"n1", "new"}, noticed(t, f))
	screens, err := f.Doors.Notices(t.Context(), web)
	require.NoError(t, err)
	require.Equal(t, *show("n1", web, "").Screen, screens[0])
	f.Clock.Advance(time.Minute)
	require.Equal(t, []string{"n1", "late", "new"}, noticed(t, f))

	want := []string{}
	for i := range 25 {
		id := fmt.Sprintf("m%d", i)
		post(t, f, show(id, web, ""))
		if i >= 5 {
			want = append(want, id)
		}
	}
	require.Equal(t, want, noticed(t, f), "the last 20")
	f.Clock.Advance(30 * 24 * time.Hour)
	require.Empty(t, noticed(t, f))
	post(t, f, show("again", web, ""))
	require.Equal(t, []string{"again"}, noticed(t, f))
	seen := f.Clock.Now()
	late = show("later", web, "")
	late.After = seen.Add(time.Hour)
	f.Clock.Advance(time.Second)
	post(t, f, late, show("since", web, ""))
	for range 2 {
		require.NoError(t, f.Doors.ClearNotices(t.Context(), web, seen))
		require.Equal(t, []string{"since"}, noticed(t, f), "nobody has read it")
	}
	f.Clock.Advance(time.Hour)
	require.Equal(t, []string{"later", "since"}, noticed(t, f), "it was still to come")
	require.NoError(t, f.Doors.ClearNotices(t.Context(), web, f.Clock.Now()))
	require.Empty(t, noticed(t, f))
	require.NoError(t, f.Doors.ClearNotices(t.Context(), web, f.Clock.Now()))
	none(t, f)
}
