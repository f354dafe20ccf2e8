package verify_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/verify"
)

const piece = "CC0042/data/email/1of2.mp4"

// moved puts more bytes before the list of files at where, and has the list and
// the end tell the truth of it again.
func moved(raw []byte, where int, more []byte) []byte {
	list := bytes.Index(raw, []byte("PK\x01\x02"))
	out := append(append(bytes.Clone(raw[:where]), more...), raw[where:]...)
	list += len(more)
	for at := list; bytes.HasPrefix(out[at:], []byte("PK\x01\x02")); {
		if offset := binary.LittleEndian.Uint32(out[at+42:]); int(offset) >= where {
			binary.LittleEndian.PutUint32(out[at+42:], offset+uint32(len(more)))
		}
		at += 46 + int(binary.LittleEndian.Uint16(out[at+28:])) + int(binary.LittleEndian.Uint16(out[at+30:]))
	}
	binary.LittleEndian.PutUint32(out[len(out)-6:], uint32(list))
	return out
}

// Programs that read an archive as it comes do not look at its list of files:
// they must not find anything else than those that do.
func TestArchivesThatSayTwoThings(t *testing.T) {
	t.Parallel()
	plain := func(*zip.Writer) {}
	local := func(raw []byte) int { return bytes.Index(raw, []byte(piece)) - 30 }
	listed := func(raw []byte) int { return bytes.LastIndex(raw, []byte(piece)) - 46 }
	hidden := func(name string) []byte { // an entry that is not in the list
		out := append([]byte("PK\x03\x04\x14\x00"), make([]byte, 24)...)
		binary.LittleEndian.PutUint16(out[26:], uint16(len(name)))
		return append(out, name...)
	}
	for name, change := range map[string]func(raw []byte) []byte{
		"another name before the file": func(raw []byte) []byte { raw[local(raw)+30+len(piece)-1] = '3'; return raw },
		"another way of packing":       func(raw []byte) []byte { raw[local(raw)+8] ^= 8; return raw },
		"other flags":                  func(raw []byte) []byte { raw[local(raw)+7] ^= 8; return raw },
		"another length":               func(raw []byte) []byte { raw[local(raw)+22]++; return raw },
		"another checksum":             func(raw []byte) []byte { raw[local(raw)+14]++; return raw },
		"a file in front":              func(raw []byte) []byte { return moved(raw, 0, hidden("CC0042/data/x")) },
		"a program in front":           func(raw []byte) []byte { return moved(raw, 0, []byte("#!/bin/sh\n")) },
		"a file between":               func(raw []byte) []byte { return moved(raw, local(raw), hidden("CC0042/data/x")) },
		"a file at the end": func(raw []byte) []byte {
			return moved(raw, bytes.Index(raw, []byte("PK\x01\x02")), hidden("CC0042/data/x"))
		},
		"a comment":           func(raw []byte) []byte { raw[len(raw)-2] = 5; return append(raw, "words"...) },
		"more after it":       func(raw []byte) []byte { return append(raw, "words"...) },
		"an archive after it": func(raw []byte) []byte { return append(raw, raw...) },
		"parts":               func(raw []byte) []byte { raw[len(raw)-18] = 1; return raw },
		"other counts":        func(raw []byte) []byte { raw[len(raw)-14]--; return raw },
		"two files in one place": func(raw []byte) []byte {
			first := binary.LittleEndian.Uint32(raw[bytes.Index(raw, []byte("PK\x01\x02"))+42:])
			binary.LittleEndian.PutUint32(raw[listed(raw)+42:], first)
			return raw
		},
	} {
		for _, by := range []string{"ours", "another's"} {
			t.Run(name+", "+by, func(t *testing.T) {
				t.Parallel()
				raw := zipped(t)
				if by != "ours" {
					raw = packed(t, plain)
				}
				require.True(t, check(t, stored(t, raw)).OK)
				r, err := verify.Run(t.Context(), stored(t, change(raw)), verify.Options{})
				if err != nil {
					require.ErrorIs(t, err, verify.ErrNotBag)
					return
				}
				require.False(t, r.OK)
				require.Contains(t, fmt.Sprint(r.Problems), verify.ProblemArchive)
			})
		}
	}
}

// A field beside the name can hold another name, which some programs take.
func TestNamesBesideNames(t *testing.T) {
	t.Parallel()
	raw := packed(t, func(z *zip.Writer) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: "CC0042/", Extra: []byte("up\x06\x00\x01\x00\x00\x00\x00x")})
		require.NoError(t, err)
		require.NotNil(t, w)
	})
	r := check(t, stored(t, raw))
	require.False(t, r.OK)
	require.Equal(t, []verify.Problem{{Code: verify.ProblemArchive, What: `"CC0042/": something beside its name that is not read`}}, r.Problems)
}

// Whoever takes an archive of ours and puts a file into it changes an archive of ours.
func TestArchivesOfOursAreNotAddedTo(t *testing.T) {
	t.Parallel()
	raw := zipped(t)
	old, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, e := range old.File {
		require.NoError(t, z.Copy(e))
	}
	_, err = z.Create("CC0042/data/")
	require.NoError(t, err)
	require.NoError(t, z.Close())
	r := check(t, stored(t, out.Bytes()))
	require.False(t, r.OK)
	require.Equal(t, verify.ProblemArchive, r.Problems[0].Code)
}
