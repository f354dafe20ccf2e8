package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed static
var static embed.FS

// dist is what the build makes of web/scripts; it holds nothing but a note when
// there was no Node.
//
//go:embed all:dist
var dist embed.FS

// assets are the files pages need, each under a name that changes with its
// content, so that browsers may keep them for ever.
type assets struct {
	urls  map[string]string // "style.css" → "/assets/style.3f2a91c0.css"
	files map[string]asset  // by address
}

type asset struct {
	body   []byte
	packed []byte // body by gzip; nil where that saves nothing
	mime   string
}

const assetsPath = "/assets/"

func readAssets(from ...fs.FS) (*assets, error) {
	a := &assets{urls: map[string]string{}, files: map[string]asset{}}
	for _, from := range from {
		err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
				return err
			}
			body, err := fs.ReadFile(from, name)
			if err != nil {
				return err
			}
			return a.add(path.Base(name), body)
		})
		if err != nil {
			return nil, fmt.Errorf("page: read assets: %w", err)
		}
	}
	return a, nil
}

func (a *assets) add(name string, body []byte) error {
	if a.urls[name] != "" {
		return fmt.Errorf("there are two of %s", name)
	}
	packed, err := pack(body)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	sum, ext := sha256.Sum256(body), path.Ext(name)
	url := assetsPath + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
	a.urls[name], a.files[url] = url, asset{body, packed, kindOf(ext)}
	return nil
}

// pack makes a file smaller for the way: phone networks are slow. These files hold
// no secrets that their packed size could tell.
func pack(body []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(body)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil || out.Len() >= len(body) {
		return nil, err
	}
	return out.Bytes(), nil
}

// kindOf is the type of a file by its ending; the system's own table is not
// asked, so that every machine answers alike.
func kindOf(ext string) string {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	case ".svg":
		return "image/svg+xml"
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}

func (a *assets) url(name string) string { return a.urls[name] }

// ServeHTTP implements http.Handler.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.mime)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := file.body
	if file.packed != nil && takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = file.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the client may be gone
}

// takesGzip reads Accept-Encoding as browsers write it; whoever writes "gzip;q=0"
// or anything unusual gets the file as it is.
func takesGzip(r *http.Request) bool {
	for _, one := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		if strings.EqualFold(strings.TrimSpace(one), "gzip") {
			return true
		}
	}
	return false
}
