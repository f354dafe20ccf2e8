package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ownerLinkLine is the one line in which a secret is said on purpose.
var ownerLinkLine = regexp.MustCompile(`(?m)^.*http://[^ ]+/login/[a-z2-7]{26}.*$`)

// backPattern is where a page says its own address: the form for the language.
var backPattern = regexp.MustCompile(`name="back" value="[^"]*"`)

// reach says to whom a route answers.
type reach string

const (
	public reach = "public" // anyone, the same to all but for the words
	member reach = "member" // people with a session, about themselves
	owned  reach = "owned"  // the one person whose thing it is
	bearer reach = "bearer" // whoever has the secret in the address or the header
)

// stop is one route of the walk, with a request that its owner is answered.
type stop struct {
	reach  reach
	path   string
	absent string     // the same for something that does not exist
	form   url.Values // of a POST
	header []string
	method string // where the pattern names none
	want   int    // to the owner
	stream bool
}

const nothing = "aaaaaaaaaaaaaaaaaaaaaaaaaa" // has the form of every secret of ours

// stops is every route; TestWalk holds it against the program's own list.
func (w *world) stops() map[string]stop {
	piece := w.kase.Packs[0].Pieces[0].Name
	tus := []string{"Upload-Grant", w.grant, "Tus-Resumable", "1.0.0"}
	return map[string]stop{
		"GET /healthz":                     {reach: public, path: "/healthz", want: 200},
		"GET /readyz":                      {reach: public, path: "/readyz", want: 200},
		"GET /metrics":                     {reach: public, path: "/metrics", want: 200},
		"POST /telegram/webhook":           {reach: public, path: "/telegram/webhook", want: 404}, // no bot here
		"/":                                {reach: public, path: "/nothing", method: "GET", want: 404},
		"POST /start":                      {reach: public, path: "/start", form: url.Values{"code": {nothing}}, want: 303},
		"GET /i/{code}":                    {reach: bearer, path: "/i/" + w.invite, want: 200},
		"POST /i/{code}":                   {reach: bearer, path: "/i/" + w.invite, form: url.Values{}, want: 303},
		"GET /login/{code}":                {reach: bearer, path: "/login/" + w.login, absent: "/login/" + nothing, want: 200},
		"POST /login/{code}":               {reach: bearer, path: "/login/" + nothing, form: url.Values{}, want: 404},
		"GET /return":                      {reach: public, path: "/return", want: 200},
		"POST /forget":                     {reach: public, path: "/forget", form: url.Values{}, want: 404},
		"POST /return":                     {reach: public, path: "/return", form: url.Values{"code": {"123456789012"}}, want: 422},
		"GET /code":                        {reach: member, path: "/code", want: 200},
		"POST /code":                       {reach: member, path: "/code", form: url.Values{"nonce": {"x"}}, want: 200},
		"POST /lang":                       {reach: public, path: "/lang", form: url.Values{"lang": {"en"}}, want: 303},
		"GET /logout":                      {reach: member, path: "/logout", want: 200},
		"POST /logout":                     {reach: member, path: "/logout", form: url.Values{}, want: 303},
		"GET /assets/":                     {reach: public, path: w.asset(), want: 200},
		"GET /{$}":                         {reach: member, path: "/", want: 200},
		"POST /{$}":                        {reach: member, path: "/", form: url.Values{"nonce": {"walk1"}, "command": {"help"}}, want: 200},
		"GET /key":                         {reach: public, path: "/key", want: 200},
		"GET /key/clipcase.pub":            {reach: public, path: "/key/clipcase.pub", want: 200},
		"GET /guide":                       {reach: public, path: "/guide", want: 200},
		"GET /guide/{scenario}":            {reach: public, path: "/guide/account-ban", absent: "/guide/nothing", want: 200},
		"GET /cases":                       {reach: member, path: "/cases", want: 200},
		"GET /progress":                    {reach: owned, path: "/progress?case=" + w.kase.ID, absent: "/progress?case=CC9999", want: 200, stream: true},
		"GET /thumb/{exhibit}/{n}":         {reach: owned, path: "/thumb/e1/0?case=" + w.kase.ID, absent: "/thumb/e1/0?case=CC9999", want: 200},
		"GET /upload/{grant}":              {reach: bearer, path: "/upload/" + w.grant, absent: "/upload/" + nothing, want: 200},
		"POST /upload/{grant}":             {reach: bearer, path: "/upload/" + w.grant, absent: "/upload/" + nothing, form: url.Values{}, want: 400},
		"GET /upload/{grant}/state":        {reach: bearer, path: "/upload/" + w.grant + "/state", absent: "/upload/" + nothing + "/state", want: 200},
		"/files":                           {reach: bearer, path: "/files", method: "OPTIONS", want: 200},
		"/files/":                          {reach: bearer, path: "/files/" + w.upload, absent: "/files/" + nothing, method: "HEAD", header: tus, want: 200},
		"GET /case/{token}":                {reach: owned, path: "/case/" + w.token, absent: "/case/" + nothing, want: 200},
		"POST /case/{token}":               {reach: owned, path: "/case/" + w.token, absent: "/case/" + nothing, form: url.Values{"do": {"link"}, "file": {"original/e1"}}, want: 303},
		"GET /dl/{token}/all.zip":          {reach: owned, path: "/dl/" + w.token + "/all.zip", absent: "/dl/" + nothing + "/all.zip", want: 200},
		"GET /dl/{token}/handover.zip":     {reach: owned, path: "/dl/" + w.token + "/handover.zip", absent: "/dl/" + nothing + "/handover.zip", want: 200},
		"GET /dl/{token}/{channel}/{file}": {reach: owned, path: "/dl/" + w.token + "/douyin-app/" + piece, absent: "/dl/" + nothing + "/douyin-app/" + piece, want: 200},
		"GET /e/{token}":                   {reach: bearer, path: "/e/" + w.link.Token, absent: "/e/" + nothing, want: 200},
		"GET /e/{token}/file":              {reach: bearer, path: "/e/" + w.link.Token + "/file", absent: "/e/" + nothing + "/file", want: 200},
	}
}

var assetPattern = regexp.MustCompile(`/assets/style\.[0-9a-f]+\.css`)

func (w *world) asset() string { return assetPattern.FindString(w.nobody.get("/").body) }

func (s stop) asked(pattern, path string) ask3 {
	method, _, named := strings.Cut(pattern, " ")
	if !named {
		method = s.method
	}
	header := s.header
	if s.form != nil {
		header = append(slices.Clone(header), "Sec-Fetch-Site", "same-origin")
	}
	return ask3{method: method, path: path, form: maps.Clone(s.form), header: header, stream: s.stream}
}

// routes reads every pattern that the program's own sources register, so that a
// new one cannot be forgotten here.
func routes(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, root := range []string{"../../web", "."} {
		byFolder := map[string][]*ast.File{}
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			byFolder[filepath.Dir(path)] = append(byFolder[filepath.Dir(path)], file)
			return err
		})
		require.NoError(t, err)
		for _, files := range byFolder {
			found = append(found, registered(t, files)...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// registered are the patterns given to a mux in the files of one package.
func registered(t *testing.T, files []*ast.File) (found []string) {
	t.Helper()
	consts := map[string]string{}
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				if v := s.(*ast.ValueSpec); len(v.Values) == 1 {
					if text, ok := constant(v.Values[0], consts); ok {
						consts[v.Names[0].Name] = text
					}
				}
			}
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			on, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || on.Sel.Name != "Handle" && on.Sel.Name != "HandleFunc" {
				return true
			}
			if x, ok := on.X.(*ast.Ident); !ok || x.Name != "mux" {
				return true // the conversation's Handle(ctx, event)
			}
			pattern, ok := constant(call.Args[0], consts)
			require.True(t, ok, "a route that this test cannot read: name its pattern by constants")
			found = append(found, pattern)
			return true
		})
	}
	return found
}

// constant is what an expression of strings is, if it can be said here.
func constant(e ast.Expr, consts map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		text, ok := consts[e.Name]
		return text, ok
	case *ast.CallExpr: // strings.TrimSuffix(a, b)
		f, ok := e.Fun.(*ast.SelectorExpr)
		if !ok || f.Sel.Name != "TrimSuffix" || len(e.Args) != 2 {
			return "", false
		}
		a, okA := constant(e.Args[0], consts)
		b, okB := constant(e.Args[1], consts)
		return strings.TrimSuffix(a, b), okA && okB
	}
	return "", false
}

// guarded checks the headers that every answer has, whatever it is.
func guarded(t *testing.T, a answered, what string) {
	t.Helper()
	for name, value := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		require.Equal(t, value, a.header.Get(name), "%s: %s of a %d", what, name, a.status)
		require.Len(t, a.header.Values(name), 1, "%s: %s", what, name)
	}
	policy := a.header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'", what)
	require.Contains(t, policy, "frame-ancestors 'none'", what)
	require.NotContains(t, policy, "unsafe-inline", what)
	require.NotContains(t, strings.ReplaceAll(policy, "wasm-unsafe-eval", ""), "unsafe-eval", what)
	require.NotEmpty(t, a.header.Get("Permissions-Policy"), what)
	require.NotEmpty(t, a.header.Get("Cache-Control"), "%s: a %d says who may keep it", what, a.status)
	require.Empty(t, a.header.Get("Server"), what)
	require.Empty(t, a.header.Get("Access-Control-Allow-Origin"), what)
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		require.True(t, c.HttpOnly, "%s: cookie %s", what, c.Name)
		require.Equal(t, http.SameSiteLaxMode, c.SameSite, "%s: cookie %s", what, c.Name)
		require.Equal(t, "/", c.Path, "%s: cookie %s", what, c.Name)
	}
	if kind := a.header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
		require.NotContains(t, a.body, "javascript:", what)
		require.NotRegexp(t, `(?i)<script(?:>| [^>]*>)[^<]`, a.body, "%s: a script in the page", what)
		require.NotRegexp(t, `(?i)<[a-z][^>]* on[a-z]+=`, a.body, "%s: a handler in the page", what)
		require.NotRegexp(t, `(?i)(?:src|href|action)="(?:https?:)?//`, strings.ReplaceAll(a.body, "http://127.0.0.1", ""), "%s: leads away", what)
	}
}
