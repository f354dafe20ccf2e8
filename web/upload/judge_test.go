package upload_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/pass"
	"clipcase/internal/uploadtest"
)

// What is foreign, expired, malformed or not there gets one answer, whatever the
// method and however it is written, and nothing touches the disk.
func TestEveryRequestIsJudgedAlike(t *testing.T) {
	t.Parallel()
	b := start(t)
	at := b.begin(10)
	before := b.files()
	none := strings.Repeat("z", 26)
	cases := map[string]struct{ path, grant string }{
		"no grant":            {at, ""},
		"a malformed grant":   {at, "../" + uploadtest.Mine},
		"an unknown grant":    {at, uploadtest.Unknown},
		"an expired grant":    {at, uploadtest.Expired},
		"another's grant":     {at, uploadtest.Foreign},
		"an absent id":        {"/files/" + none, uploadtest.Mine},
		"dots":                {"/files/..%2f" + none, uploadtest.Mine},
		"dots and our id":     {"/files/..%2f" + strings.TrimPrefix(at, "/files/"), uploadtest.Mine},
		"a NUL":               {at + "%00", uploadtest.Mine},
		"an escaped slash":    {at + "%2f", uploadtest.Mine},
		"a slash":             {at + "/", uploadtest.Mine},
		"capitals":            {strings.ToUpper(at), uploadtest.Mine},
		"its side file":       {at + ".json", uploadtest.Mine},
		"an id in an id":      {at + "/" + none, uploadtest.Mine},
		"an escaped id":       {"/files/%61" + strings.TrimPrefix(at, "/files/")[1:], uploadtest.Mine},
		"a very long id":      {"/files/" + strings.Repeat("a", 3000), uploadtest.Mine},
		"without anything":    {"/files/" + none, ""},
		"a creation, foreign": {"/files/", uploadtest.Unknown},
	}
	for _, method := range []string{"HEAD", "PATCH", "DELETE", "GET", "POST", "PUT"} {
		want := b.ask(method, "/files/"+none, nil, "Upload-Grant", uploadtest.Unknown)
		require.Equal(t, http.StatusNotFound, want.status)
		want.header.Del("Date")
		for name, c := range cases {
			if strings.HasPrefix(c.path, "/FILES") {
				continue // not ours at all
			}
			got := b.ask(method, c.path, nil, "Upload-Grant", c.grant, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream", "Upload-Length", "5")
			got.header.Del("Date")
			require.Equal(t, want, got, "%s with %s", method, name)
		}
	}
	require.Equal(t, before, b.files())
	require.Len(t, b.world.Records(), 1)
	require.Equal(t, 0, b.offset(at))
}

func TestMethodOverrideIsNotHeard(t *testing.T) {
	t.Parallel()
	b := start(t)
	at := b.begin(10)
	for _, method := range []string{"DELETE", "PATCH", "HEAD"} {
		got := b.ask("POST", at, nil, "X-HTTP-Method-Override", method)
		require.Equal(t, http.StatusMethodNotAllowed, got.status)
	}
	require.Equal(t, 0, b.offset(at))
}

func TestNothingIsReadThroughTus(t *testing.T) {
	t.Parallel()
	b := start(t)
	at := b.begin(10)
	require.Equal(t, http.StatusNoContent, b.patch(at, 0, []byte("01234")).status)
	got := b.ask("GET", at, nil)
	require.Equal(t, http.StatusMethodNotAllowed, got.status)
	require.NotContains(t, got.body, "01234")
}

func TestOptionsTellsNoSecret(t *testing.T) {
	t.Parallel()
	b := start(t)
	got := b.ask("OPTIONS", "/files/", nil, "Upload-Grant", "", "Origin", "https://evil.example")
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, "creation,creation-with-upload,termination", got.header.Get("Tus-Extension"))
	require.Equal(t, "2147483648", got.header.Get("Tus-Max-Size"))
	require.Empty(t, got.header.Get("Access-Control-Allow-Origin"))
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(*uploadtest.World)
		header  []string
		status  int
		says    string
	}{
		"too large":        {nil, []string{"Upload-Length", "2147483649"}, http.StatusRequestEntityTooLarge, ""},
		"empty":            {nil, []string{"Upload-Length", "0"}, http.StatusBadRequest, "空"},
		"no length":        {nil, nil, http.StatusBadRequest, ""},
		"negative":         {nil, []string{"Upload-Length", "-5"}, http.StatusBadRequest, ""},
		"deferred":         {nil, []string{"Upload-Defer-Length", "1"}, http.StatusNotImplemented, ""},
		"over the grant":   {func(w *uploadtest.World) { w.Limit(99, 5) }, []string{"Upload-Length", "100"}, http.StatusRequestEntityTooLarge, "新的链接"},
		"too many":         {func(w *uploadtest.World) { w.Limit(1000, 0) }, []string{"Upload-Length", "100"}, http.StatusRequestEntityTooLarge, "新的链接"},
		"no room for all":  {func(w *uploadtest.World) { w.Room(399) }, []string{"Upload-Length", "100"}, http.StatusInsufficientStorage, "空间"},
		"too often":        {func(w *uploadtest.World) { w.Busy("upload-create") }, []string{"Upload-Length", "100"}, http.StatusTooManyRequests, "too many"},
		"banned":           {func(w *uploadtest.World) { w.Ban() }, []string{"Upload-Length", "100"}, http.StatusNotFound, "absent"},
		"concatenation":    {nil, []string{"Upload-Concat", "final;/files/a /files/b"}, http.StatusBadRequest, ""},
		"without protocol": {nil, []string{"Upload-Length", "100", "Tus-Resumable", ""}, http.StatusPreconditionFailed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			if c.prepare != nil {
				c.prepare(b.world)
			}
			got := b.ask("POST", "/files/", nil, c.header...)
			require.Equal(t, c.status, got.status, got.body)
			require.Contains(t, got.body, c.says)
			require.Empty(t, b.world.Records())
			require.Empty(t, b.files())
		})
	}
}

func TestExactlyTheRoomThereIsIsEnough(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.world.Room(400)
	b.begin(100)
	require.Equal(t, http.StatusInsufficientStorage, b.ask("POST", "/files/", nil, "Upload-Length", "1").status, "the first one holds it all")
}

// A length declared later must not pass the limit of size, nor may more come than
// was declared.
func TestNoMoreThanWasDeclared(t *testing.T) {
	t.Parallel()
	b := start(t)
	at := b.begin(10)
	require.Equal(t, http.StatusRequestEntityTooLarge, b.patch(at, 0, make([]byte, 11)).status)
	require.Equal(t, http.StatusNoContent, b.patch(at, 0, make([]byte, 4)).status)
	require.Equal(t, http.StatusNotImplemented, b.patch(at, 4, nil, "Upload-Length", "1000").status)
	require.Equal(t, http.StatusRequestEntityTooLarge, b.patch(at, 4, make([]byte, 7)).status)
	// Chunked, nobody says how much comes: it ends where it was said to end.
	endless := struct{ *strings.Reader }{strings.NewReader(strings.Repeat("x", 5000))}
	b.ask("PATCH", at, endless, "Upload-Offset", "4", "Content-Type", "application/offset+octet-stream")
	rec, ok := b.world.Record(strings.TrimPrefix(at, "/files/"))
	require.True(t, ok)
	require.Equal(t, int64(10), rec.Bytes)
	require.Equal(t, int64(10), b.size(rec.ID))
}

func TestWrongOffset(t *testing.T) {
	t.Parallel()
	b := start(t)
	at := b.begin(10)
	require.Equal(t, http.StatusNoContent, b.patch(at, 0, []byte("0123")).status)
	for _, offset := range []int{0, 3, 5, 10} {
		require.Equal(t, http.StatusConflict, b.patch(at, offset, []byte("x")).status, offset)
	}
	require.Equal(t, http.StatusBadRequest, b.patch(at, -1, []byte("x")).status)
	require.Equal(t, 4, b.offset(at))
}

func TestTakenBack(t *testing.T) {
	t.Parallel()
	b := start(t)
	at := b.begin(10)
	require.Equal(t, http.StatusNoContent, b.patch(at, 0, []byte("0123")).status)
	require.Equal(t, http.StatusNotFound, b.ask("DELETE", at, nil, "Upload-Grant", uploadtest.Foreign).status)
	require.Equal(t, http.StatusNoContent, b.ask("DELETE", at, nil).status)
	require.Empty(t, b.files())
	require.Empty(t, b.world.Records())
	require.Equal(t, http.StatusNotFound, b.ask("HEAD", at, nil).status)
}

// A whole file belongs to its case: it cannot be taken back or written to, and a
// client that missed the last answer learns that it is done.
func TestWholeStaysWhole(t *testing.T) {
	t.Parallel()
	b := start(t)
	at := "/files/" + b.send([]byte("0123456789"))
	for _, state := range []pass.UploadState{pass.UploadEntered, pass.UploadStored} {
		require.Equal(t, 10, b.offset(at))
		require.Equal(t, http.StatusNoContent, b.patch(at, 10, nil).status)
		require.Equal(t, http.StatusConflict, b.patch(at, 0, []byte("x")).status)
		require.Equal(t, http.StatusConflict, b.ask("DELETE", at, nil).status)
		rec, _ := b.world.Record(strings.TrimPrefix(at, "/files/"))
		require.Equal(t, state, rec.State)
		b.world.Store()
		b.sweep()
	}
	require.Empty(t, b.files())
}

// The grant may be renewed: the same person goes on.
func TestAnotherGrantOfTheSamePersonGoesOn(t *testing.T) {
	t.Parallel()
	b := start(t)
	at := b.begin(10)
	require.Equal(t, http.StatusNoContent, b.patch(at, 0, []byte("0123")).status)
	b.world.Pass(pass.GrantTTL + 1)
	require.Equal(t, http.StatusNotFound, b.patch(at, 4, []byte("456789")).status)
	require.Equal(t, http.StatusNoContent, b.patch(at, 4, []byte("456789"), "Upload-Grant", uploadtest.Renewed).status)
	require.Len(t, b.world.Exhibits(), 1)
}

// The page asks often how its files go, and is told when that is too often.
func TestAskedTooOften(t *testing.T) {
	t.Parallel()
	b := start(t)
	require.Equal(t, http.StatusOK, b.ask("GET", "/upload/"+uploadtest.Mine+"/state", nil).status)
	b.world.Busy("upload-state")
	require.Equal(t, http.StatusTooManyRequests, b.ask("GET", "/upload/"+uploadtest.Mine+"/state", nil).status)
}
