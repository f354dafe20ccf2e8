package storage

import (
	"embed"

	"github.com/redis/go-redis/v9"
)

//go:embed scripts/doors/*.lua
var doorSources embed.FS

var (
	useLoginScript     = doorScript("login")
	openSessionScript  = doorScript("session")
	closeSessionScript = doorScript("close")
	langScript         = doorScript("lang")
	newReturnScript    = doorScript("newreturn")
	useReturnScript    = doorScript("return")
	newGrantScript     = doorScript("grant")
	beginUploadScript  = doorScript("begin")
	changeUploadScript = doorScript("change")
	forgetUploadScript = doorScript("forgetupload")
	caseTokenScript    = doorScript("casetoken")
	newLinkScript      = doorScript("link")
	openLinkScript     = doorScript("open")
	revokeLinkScript   = doorScript("revoke")
	allowScript        = doorScript("allow")
)

// doorScript reads one embedded script; that it is there is known when the
// program is built and tested.
func doorScript(name string) *redis.Script {
	source, err := doorSources.ReadFile("scripts/doors/" + name + ".lua")
	if err != nil {
		panic(err)
	}
	return redis.NewScript(string(source))
}
