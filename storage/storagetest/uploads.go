package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
)

func uploadChecks() []check {
	return []check{
		{"a grant ends by itself and has limits when none are given", func(t *testing.T, f *Fixture) {
			g, code := grant(t, f, pass.Grant{})
			require.EqualValues(t, pass.GrantBytes, g.Bytes)
			require.Equal(t, pass.GrantFiles, g.Files)
			require.True(t, f.Clock.Now().Add(pass.GrantTTL).Equal(g.Expires))
			f.Clock.Advance(pass.GrantTTL)
			_, err := f.Doors.Grant(t.Context(), code)
			class(t, flows.NotFound, err)
			class(t, flows.NotFound, f.Doors.BeginUpload(t.Context(), upload(1, 1), g))
		}},
		{"a senseless grant or upload is refused", func(t *testing.T, f *Fixture) {
			ok := pass.Grant{Actor: web, Chat: web}
			for _, spoil := range []func(*pass.Grant){
				func(g *pass.Grant) { g.Actor = "" }, func(g *pass.Grant) { g.Chat = "" }, func(g *pass.Grant) { g.Bytes = -1 },
				func(g *pass.Grant) { g.Files = -1 }, func(g *pass.Grant) { g.Expires = f.Clock.Now() }, func(g *pass.Grant) { g.Case = "../x" },
			} {
				g := ok
				spoil(&g)
				_, err := f.Doors.NewGrant(t.Context(), g)
				class(t, flows.Invalid, err)
			}
			g, _ := grant(t, f, pass.Grant{})
			for _, spoil := range []func(*pass.Upload){
				func(u *pass.Upload) { u.ID = "../" + u.ID[3:] }, func(u *pass.Upload) { u.Actor = "" }, func(u *pass.Upload) { u.Bytes = -1 },
			} {
				u := upload(1, 1)
				spoil(&u)
				class(t, flows.Invalid, f.Doors.BeginUpload(t.Context(), u, g))
			}
		}},
		{"a grant is used up by bytes and by files", quotas},
		{"40 uploads racing for a grant never take more than it has", racingUploads},
		{"an upload given up gives its share back, once", sharesReturn},
		{"50 racing changes of an upload all happen", racingChanges},
		{"an upload's id, grant, person and size stay", func(t *testing.T, f *Fixture) {
			g, _ := grant(t, f, pass.Grant{})
			require.NoError(t, f.Doors.BeginUpload(t.Context(), upload(1, 1), g))
			for _, spoil := range []func(*pass.Upload){
				func(u *pass.Upload) { u.ID = upload(2, 1).ID }, func(u *pass.Upload) { u.Grant = "x" },
				func(u *pass.Upload) { u.Actor = "tg:1" }, func(u *pass.Upload) { u.Bytes = 2 }, func(u *pass.Upload) { u.State = "" },
			} {
				_, err := f.Doors.ChangeUpload(t.Context(), upload(1, 1).ID, func(u *pass.Upload) error { spoil(u); return nil })
				class(t, flows.Invalid, err)
			}
			stop := errors.New("stop")
			_, err := f.Doors.ChangeUpload(t.Context(), upload(1, 1).ID, func(*pass.Upload) error { return stop })
			require.ErrorIs(t, err, stop)
		}},
		{"uploads are listed newest first until a day after their end", listed},
		{"an upload that got a case goes with it", func(t *testing.T, f *Fixture) {
			c := webCase(t, f)
			g, _ := grant(t, f, pass.Grant{})
			require.NoError(t, f.Doors.BeginUpload(t.Context(), upload(1, 1), g))
			change(t, f, 1, func(u *pass.Upload) { u.Case, u.State = c.ID, pass.UploadEntered })
			require.NoError(t, f.Cases.Forget(t.Context(), c.ID))
			require.Empty(t, uploads(t, f))
		}},
	}
}

// grant makes one for someone on the web.
func grant(t *testing.T, f *Fixture, g pass.Grant) (pass.Grant, string) {
	t.Helper()
	g.Actor, g.Chat, g.Lang = web, web, "zh"
	code, err := f.Doors.NewGrant(t.Context(), g)
	require.NoError(t, err)
	require.Regexp(t, `^[a-z2-7]{26}$`, code)
	got, err := f.Doors.Grant(t.Context(), code)
	require.NoError(t, err)
	require.NotEqual(t, code, got.ID)
	return got, code
}

// upload is the n-th of someone on the web.
func upload(n int, bytes int64) pass.Upload {
	id := fmt.Sprintf("%026d", n)
	id = strings.NewReplacer("0", "a", "1", "b", "8", "c", "9", "d").Replace(id)
	return pass.Upload{ID: id, Actor: web, Chat: web, Name: "<b>录屏</b>\n.mp4", MIME: "video/mp4", Lang: "zh", Bytes: bytes}
}

func change(t *testing.T, f *Fixture, n int, how func(*pass.Upload)) {
	t.Helper()
	_, err := f.Doors.ChangeUpload(t.Context(), upload(n, 0).ID, func(u *pass.Upload) error { how(u); return nil })
	require.NoError(t, err)
}

// uploads are the ids of those that EachUpload finds.
func uploads(t *testing.T, f *Fixture) []string {
	t.Helper()
	ids := []string{}
	require.NoError(t, f.Doors.EachUpload(t.Context(), func(u pass.Upload) error {
		ids = append(ids, u.ID)
		return nil
	}))
	return ids
}

func quotas(t *testing.T, f *Fixture) {
	g, _ := grant(t, f, pass.Grant{Bytes: 100, Files: 3})
	f.LoseReply()
	require.NoError(t, f.Doors.BeginUpload(t.Context(), upload(1, 60), g))
	require.NoError(t, f.Doors.BeginUpload(t.Context(), upload(1, 60), g), "again is no error and costs nothing")
	class(t, flows.Conflict, f.Doors.BeginUpload(t.Context(), upload(2, 41), g))
	require.NoError(t, f.Doors.BeginUpload(t.Context(), upload(2, 40), g))
	require.NoError(t, f.Doors.BeginUpload(t.Context(), upload(3, 0), g))
	class(t, flows.Conflict, f.Doors.BeginUpload(t.Context(), upload(4, 0), g))

	other, _ := grant(t, f, pass.Grant{})
	class(t, flows.Conflict, f.Doors.BeginUpload(t.Context(), upload(1, 60), other))
	other.Bytes = 1 // less than is kept of it
	class(t, flows.Conflict, f.Doors.BeginUpload(t.Context(), upload(5, 2), other))
	other.Bytes = 1 << 60 // more than is kept of it
	class(t, flows.Conflict, f.Doors.BeginUpload(t.Context(), upload(5, pass.GrantBytes+1), other))

	u, err := f.Doors.Upload(t.Context(), upload(1, 0).ID)
	require.NoError(t, err)
	want := upload(1, 60)
	want.Grant, want.State = g.ID, pass.UploadReceiving
	require.Equal(t, want, u)
}

func racingUploads(t *testing.T, f *Fixture) {
	g, _ := grant(t, f, pass.Grant{Bytes: 1000, Files: 100})
	const tries = 40
	errs := make([]error, tries)
	var wg sync.WaitGroup
	for i := range tries {
		wg.Go(func() { errs[i] = f.Doors.BeginUpload(t.Context(), upload(i, 90), g) })
	}
	wg.Wait()
	begun := 0
	for _, err := range errs {
		if err == nil {
			begun++
			continue
		}
		class(t, flows.Conflict, err)
	}
	require.Equal(t, 11, begun)
	require.Len(t, uploads(t, f), begun)
}

func sharesReturn(t *testing.T, f *Fixture) {
	g, _ := grant(t, f, pass.Grant{Bytes: 100, Files: 1})
	begin := func(n int) error { return f.Doors.BeginUpload(t.Context(), upload(n, 100), g) }
	require.NoError(t, begin(1))
	f.LoseReply()
	require.NoError(t, f.Doors.ForgetUpload(t.Context(), upload(1, 0).ID))
	require.NoError(t, begin(2))
	class(t, flows.Conflict, begin(3))
	require.NoError(t, f.Doors.ForgetUpload(t.Context(), upload(2, 0).ID))
	require.NoError(t, begin(3))
	require.NoError(t, f.Doors.ForgetUpload(t.Context(), upload(2, 0).ID))
	class(t, flows.Conflict, begin(4))
	change(t, f, 3, func(u *pass.Upload) { u.State = pass.UploadStored })
	require.NoError(t, f.Doors.ForgetUpload(t.Context(), upload(3, 0).ID))
	class(t, flows.Conflict, begin(4))
}

func racingChanges(t *testing.T, f *Fixture) {
	g, _ := grant(t, f, pass.Grant{})
	require.NoError(t, f.Doors.BeginUpload(t.Context(), upload(1, 1), g))
	const writers = 50
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			_, errs[i] = f.Doors.ChangeUpload(t.Context(), upload(1, 1).ID, func(u *pass.Upload) error {
				u.Slot += "x"
				return nil
			})
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	f.LoseReply()
	change(t, f, 1, func(u *pass.Upload) { u.Slot += "y" })
	u, err := f.Doors.Upload(t.Context(), upload(1, 1).ID)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("x", writers)+"y", u.Slot)
}

func listed(t *testing.T, f *Fixture) {
	g, _ := grant(t, f, pass.Grant{Files: 200})
	const many = 120 // more than are read in one go
	want := []string{}
	for n := range many {
		require.NoError(t, f.Doors.BeginUpload(t.Context(), upload(n, 1), g))
		want = append(want, upload(n, 1).ID)
		f.Clock.Advance(time.Millisecond)
	}
	require.Equal(t, want, uploads(t, f))
	list := func(of string) []string {
		found, err := f.Doors.Uploads(t.Context(), of)
		require.NoError(t, err)
		ids := []string{}
		for _, u := range found {
			ids = append(ids, u.ID)
		}
		return ids
	}
	newest := slices.Clone(want)
	slices.Reverse(newest)
	require.Equal(t, newest, list(web))
	require.Empty(t, list("tg:42"))

	change(t, f, 0, func(u *pass.Upload) { u.State = pass.UploadStored })
	change(t, f, 1, func(u *pass.Upload) { u.State = pass.UploadStored })
	f.Clock.Advance(24*time.Hour - time.Second)
	change(t, f, 1, func(u *pass.Upload) { u.Slot = "screen" })
	require.Equal(t, newest, list(web))
	f.Clock.Advance(time.Second)
	require.Equal(t, newest[:many-2], list(web))
	require.Equal(t, want, uploads(t, f), "whoever sweeps sees all")

	stop := errors.New("stop")
	require.ErrorIs(t, f.Doors.EachUpload(t.Context(), func(pass.Upload) error { return stop }), stop)
	for n := range many {
		require.NoError(t, f.Doors.ForgetUpload(t.Context(), upload(n, 1).ID))
	}
	require.Empty(t, uploads(t, f))
	require.Empty(t, list(web))
}
