package storagetest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
)

const web = "web:someone"

func doorChecks() []check {
	return []check{
		{"a session lasts 30 days, then it is as if it had never been", sessionLasts},
		{"a session's language changes, a closed one is gone", sessionChanges},
		{"being banned ends a person's sessions, and nobody else's", banned},
		{"what is malformed is as what is absent", malformed},
		{"of 30 who use a login at once one wins", racingLogins},
		{"a lost answer to a login is had again", func(t *testing.T, f *Fixture) {
			code := login(t, f)
			f.LoseReply()
			l, err := f.Doors.UseLogin(t.Context(), code)
			require.NoError(t, err)
			require.Equal(t, web, l.Actor)
			_, err = f.Doors.UseLogin(t.Context(), code)
			class(t, flows.NotFound, err)
		}},
		{"a login ends by itself, and looking at it does not use it up", func(t *testing.T, f *Fixture) {
			code := login(t, f)
			for range 3 {
				require.NoError(t, f.Doors.PeekLogin(t.Context(), code))
			}
			f.Clock.Advance(pass.LoginTTL)
			class(t, flows.NotFound, f.Doors.PeekLogin(t.Context(), code))
			_, err := f.Doors.UseLogin(t.Context(), code)
			class(t, flows.NotFound, err)
		}},
		{"looking at an invitation does not use it up", func(t *testing.T, f *Fixture) {
			code, err := f.Gate.Invite(t.Context(), web, 1, f.Clock.Now().Add(time.Hour))
			require.NoError(t, err)
			for range 3 {
				require.NoError(t, f.Doors.PeekInvite(t.Context(), code))
			}
			require.NoError(t, f.Gate.Redeem(t.Context(), code, web, f.Clock.Now()))
			class(t, flows.NotFound, f.Doors.PeekInvite(t.Context(), code))
			code, err = f.Gate.Invite(t.Context(), web, 1, f.Clock.Now().Add(time.Hour))
			require.NoError(t, err)
			f.Clock.Advance(time.Hour)
			class(t, flows.NotFound, f.Doors.PeekInvite(t.Context(), code))
		}},
		{"a login leads to a page of ours", func(t *testing.T, f *Fixture) {
			for _, to := range []string{"", "https://elsewhere.example", "//elsewhere.example", `/\elsewhere.example`} {
				_, err := f.Doors.NewLogin(t.Context(), pass.Login{Actor: web, To: to})
				class(t, flows.Invalid, err)
			}
			_, err := f.Doors.NewLogin(t.Context(), pass.Login{Actor: web, To: "/", Expires: f.Clock.Now()})
			class(t, flows.Invalid, err)
		}},
		{"a return code is good until the next one", returnCodes},
		{"a case has one page, and forgetting it closes all of its doors", forgetClosesDoors},
		{"an evidence link is made once for a file, counted and revoked", links},
		{"a rate lets through as many as it says", rates},
		{"notices of a chat of the web are kept, not sent", notices},
	}
}

func banned(t *testing.T, f *Fixture) {
	first, _, err := f.Doors.OpenSession(t.Context(), web, "zh")
	require.NoError(t, err)
	second, _, err := f.Doors.OpenSession(t.Context(), web, "en")
	require.NoError(t, err)
	left, _, err := f.Doors.OpenSession(t.Context(), web, "en")
	require.NoError(t, err)
	other, _, err := f.Doors.OpenSession(t.Context(), "web:else", "zh")
	require.NoError(t, err)
	require.NoError(t, f.Doors.CloseSession(t.Context(), left))
	_, err = f.Doors.Shut(t.Context(), first)
	class(t, flows.NotFound, err)
	_, _, err = f.Doors.OpenShut(t.Context(), web, "zh")
	class(t, flows.NotFound, err)
	f.LoseReply()
	require.NoError(t, f.Gate.Ban(t.Context(), web, true))
	for _, cookie := range []string{first, second, left} {
		_, err = f.Doors.Session(t.Context(), cookie)
		class(t, flows.NotFound, err)
	}
	_, err = f.Doors.Session(t.Context(), other)
	require.NoError(t, err)
	_, _, err = f.Doors.OpenSession(t.Context(), web, "zh")
	class(t, flows.NotFound, err)
	made, _, err := f.Doors.OpenShut(t.Context(), web, "zh") // with a return code, say
	require.NoError(t, err)
	for _, cookie := range []string{first, second, made} {
		s, err := f.Doors.Shut(t.Context(), cookie)
		require.NoError(t, err)
		require.Equal(t, web, s.Actor)
		class(t, flows.NotFound, f.Doors.SetSessionLang(t.Context(), cookie, "en"))
	}
	require.NoError(t, f.Doors.CloseSession(t.Context(), second))
	for _, cookie := range []string{second, left, other} {
		_, err = f.Doors.Shut(t.Context(), cookie)
		class(t, flows.NotFound, err)
	}
	require.NoError(t, f.Gate.Ban(t.Context(), web, false))
	for _, cookie := range []string{first, made} {
		_, err = f.Doors.Session(t.Context(), cookie)
		class(t, flows.NotFound, err)
		_, err = f.Doors.Shut(t.Context(), cookie)
		class(t, flows.NotFound, err)
	}
	_, _, err = f.Doors.OpenSession(t.Context(), web, "zh")
	require.NoError(t, err)
}

func login(t *testing.T, f *Fixture) string {
	t.Helper()
	code, err := f.Doors.NewLogin(t.Context(), pass.Login{Actor: web, Lang: "zh", To: "/case/x"})
	require.NoError(t, err)
	require.Regexp(t, `^[a-z2-7]{26}$`, code)
	return code
}

func sessionLasts(t *testing.T, f *Fixture) {
	cookie, s, err := f.Doors.OpenSession(t.Context(), web, "zh")
	require.NoError(t, err)
	require.Regexp(t, `^[a-z2-7]{26}$`, cookie)
	require.Equal(t, f.Clock.Now().Add(pass.SessionTTL), s.Expires)
	require.NotContains(t, []string{"", cookie, s.ID}, s.CSRF)
	require.NotContains(t, []string{"", cookie}, s.ID)
	other, second, err := f.Doors.OpenSession(t.Context(), web, "zh")
	require.NoError(t, err)
	require.NotEqual(t, cookie, other)
	require.NotEqual(t, s.CSRF, second.CSRF)

	f.Clock.Advance(pass.SessionTTL - time.Millisecond)
	got, err := f.Doors.Session(t.Context(), cookie)
	require.NoError(t, err)
	require.Equal(t, s, got)
	f.Clock.Advance(time.Millisecond)
	_, expired := f.Doors.Session(t.Context(), cookie)
	_, absent := f.Doors.Session(t.Context(), strings.Repeat("a", 26))
	class(t, flows.NotFound, expired)
	require.Equal(t, absent, expired)
	_, _, err = f.Doors.OpenSession(t.Context(), "", "zh")
	class(t, flows.Invalid, err)
}

func sessionChanges(t *testing.T, f *Fixture) {
	cookie, _, err := f.Doors.OpenSession(t.Context(), "tg:42", "zh")
	require.NoError(t, err)
	require.NoError(t, f.Doors.SetSessionLang(t.Context(), cookie, "en"))
	s, err := f.Doors.Session(t.Context(), cookie)
	require.NoError(t, err)
	require.Equal(t, "en", s.Lang)
	for range 2 {
		require.NoError(t, f.Doors.CloseSession(t.Context(), cookie))
	}
	_, err = f.Doors.Session(t.Context(), cookie)
	class(t, flows.NotFound, err)
	class(t, flows.NotFound, f.Doors.SetSessionLang(t.Context(), cookie, "zh"))
	_, err = f.Doors.Session(t.Context(), cookie)
	class(t, flows.NotFound, err)
}

func malformed(t *testing.T, f *Fixture) {
	for _, bad := range []string{
		"", "a", strings.Repeat("a", 25), strings.Repeat("a", 27), strings.Repeat("A", 26), strings.Repeat("1", 26),
		"..%2f" + strings.Repeat("a", 21), strings.Repeat("a", 25) + "\n", strings.Repeat("ａ", 26), strings.Repeat("a", 26),
	} {
		tries := map[string]func() error{
			"session": func() error { _, err := f.Doors.Session(t.Context(), bad); return err },
			"lang":    func() error { return f.Doors.SetSessionLang(t.Context(), bad, "en") },
			"peek":    func() error { return f.Doors.PeekLogin(t.Context(), bad) },
			"invite":  func() error { return f.Doors.PeekInvite(t.Context(), bad) },
			"login":   func() error { _, err := f.Doors.UseLogin(t.Context(), bad); return err },
			"return":  func() error { _, err := f.Doors.UseReturnCode(t.Context(), bad); return err },
			"grant":   func() error { _, err := f.Doors.Grant(t.Context(), bad); return err },
			"upload":  func() error { _, err := f.Doors.Upload(t.Context(), bad); return err },
			"page":    func() error { _, err := f.Doors.CaseByToken(t.Context(), bad); return err },
			"link":    func() error { _, err := f.Doors.OpenLink(t.Context(), bad, true); return err },
			"revoke":  func() error { return f.Doors.RevokeLink(t.Context(), "CC0001", bad) },
			"token":   func() error { _, err := f.Doors.CaseToken(t.Context(), bad); return err },
			"links":   func() error { _, err := f.Doors.Links(t.Context(), bad); return err },
		}
		for name, try := range tries {
			err := try()
			require.Equal(t, flows.NotFound, flows.ClassOf(err), "%s of %q: %v", name, bad, err)
		}
		require.NoError(t, f.Doors.CloseSession(t.Context(), bad))
		require.NoError(t, f.Doors.ForgetUpload(t.Context(), bad))
	}
}

func racingLogins(t *testing.T, f *Fixture) {
	code := login(t, f)
	const tries = 30
	errs := make([]error, tries)
	var wg sync.WaitGroup
	for i := range tries {
		wg.Go(func() { _, errs[i] = f.Doors.UseLogin(t.Context(), code) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		class(t, flows.NotFound, err)
	}
	require.Equal(t, 1, won)
}

func returnCodes(t *testing.T, f *Fixture) {
	first, err := f.Doors.NewReturnCode(t.Context(), web)
	require.NoError(t, err)
	require.Regexp(t, `^\d{4} \d{4} \d{4}$`, first)
	plain := strings.ReplaceAll(first, " ", "")
	wide := strings.Map(func(r rune) rune { return r - '0' + '０' }, plain)
	for _, typed := range []string{first, plain, wide, plain[:4] + "-" + plain[4:8] + "－" + plain[8:], "\u3000" + first + "\n"} {
		actor, err := f.Doors.UseReturnCode(t.Context(), typed)
		require.NoError(t, err, typed)
		require.Equal(t, web, actor)
	}
	for _, typed := range []string{plain + "0", plain[1:], "x" + plain, plain + strings.Repeat(" ", 500), "٠١٢٣٤٥٦٧٨٩٠١"} {
		_, err := f.Doors.UseReturnCode(t.Context(), typed)
		class(t, flows.NotFound, err)
	}
	f.LoseReply()
	second, err := f.Doors.NewReturnCode(t.Context(), web)
	require.NoError(t, err)
	_, err = f.Doors.UseReturnCode(t.Context(), first)
	class(t, flows.NotFound, err)
	actor, err := f.Doors.UseReturnCode(t.Context(), second)
	require.NoError(t, err)
	require.Equal(t, web, actor)
}
