package box

import "clipcase/media"

// heif looks at the brands: pictures share the file type box with films.
func heif(l *look, info *Info) (bool, error) {
	b, err := l.box(0, l.size)
	if err != nil {
		return false, asTruncated(err)
	}
	if b.name != "ftyp" {
		return false, nil
	}
	brands := make([]byte, min(b.end-b.body, 256))
	if err := l.at(brands, b.body); err != nil {
		return false, err
	}
	has := map[string]bool{}
	for i := 0; i+4 <= len(brands); i += 4 {
		if i != 4 { // the minor version
			has[string(brands[i:i+4])] = true
		}
	}
	first := ""
	if len(brands) >= 4 {
		first = string(brands[:4])
	}
	switch first {
	case "avif", "avis":
		return true, refuse(media.RefusedUnsupported, "brand %q", first)
	case "heic", "heix", "heim", "heis", "mif1", "msf1":
		if has["avif"] && !has["heic"] && !has["heix"] {
			return true, refuse(media.RefusedUnsupported, "brand avif")
		}
		info.Kind, info.Format, info.Demuxer = media.KindImage, HEIC, ""
		return true, walkHEIC(l)
	}
	return false, nil
}

// walkHEIC asks only that the boxes end where the file does.
func walkHEIC(l *look) error {
	for at, meta := int64(0), false; at < l.size; {
		b, err := l.box(at, l.size)
		if err != nil {
			if meta && trailing(err) {
				return nil
			}
			return asTruncated(err)
		}
		meta = meta || b.name == "meta"
		at = b.end
	}
	return nil
}
