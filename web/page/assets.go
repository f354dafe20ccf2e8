package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
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
	body []byte
	mime string
}

const assetsPath = "/assets/"

func readAssets() (*assets, error) {
	a := &assets{urls: map[string]string{}, files: map[string]asset{}}
	for _, from := range []embed.FS{static, dist} {
		err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
				return err
			}
			body, err := from.ReadFile(name)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(body)
			base, ext := path.Base(name), path.Ext(name)
			url := assetsPath + strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:4]) + ext
			a.urls[base], a.files[url] = url, asset{body, kindOf(ext)}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("page: read assets: %w", err)
		}
	}
	return a, nil
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
	w.Header().Set("Content-Type", file.mime)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(file.body) // the client may be gone
}
