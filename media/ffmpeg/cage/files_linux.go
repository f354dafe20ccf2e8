package cage

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// Rights. What is handed in can be read, never run; the attempt's folder can be
// filled, with neither sockets nor devices nor programs in it.
const (
	rightFile   landlock.AccessFSSet = ll.AccessFSReadFile
	rightFolder landlock.AccessFSSet = ll.AccessFSReadFile | ll.AccessFSReadDir
	rightRun    landlock.AccessFSSet = rightFolder | ll.AccessFSExecute
	rightDevice landlock.AccessFSSet = ll.AccessFSReadFile | ll.AccessFSWriteFile
	rightOwn    landlock.AccessFSSet = ll.AccessFSReadFile | ll.AccessFSWriteFile | ll.AccessFSTruncate
	rightFill   landlock.AccessFSSet = rightOwn | ll.AccessFSReadDir | ll.AccessFSRemoveFile | ll.AccessFSRemoveDir | ll.AccessFSMakeReg | ll.AccessFSMakeDir
)

// system is what every tool may read.
func system() []landlock.Rule {
	run := []string{"/usr", "/lib", "/lib32", "/lib64", "/bin"}
	folders := []string{
		"/etc/fonts", "/var/cache/fontconfig",
		"/sys/devices/system", // without it x265 silently runs on one thread
	}
	files := []string{"/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/proc/cpuinfo", "/proc/meminfo", "/proc/self/status"}
	devices := []string{"/dev/null", "/dev/zero"}
	sources := []string{"/dev/urandom", "/dev/random"}
	return []landlock.Rule{
		landlock.PathAccess(rightRun, run...).IgnoreIfMissing(),
		landlock.PathAccess(rightFolder, folders...).IgnoreIfMissing(),
		landlock.PathAccess(rightFile, files...).IgnoreIfMissing(),
		landlock.PathAccess(rightDevice, devices...).IgnoreIfMissing(),
		landlock.PathAccess(rightFile, sources...).IgnoreIfMissing(),
	}
}

// config is the newest set of rights we know; on an older kernel as many of
// them as it has.
func config() landlock.Config { return landlock.V11.BestEffort() }

func restrictFiles(o order) error {
	rules := system()
	for _, p := range o.Read {
		rules = append(rules, rule(p, rightFile, rightFolder))
	}
	for _, p := range o.Write {
		rules = append(rules, rule(p, rightOwn, rightFill))
	}
	return config().Restrict(append(rules, tool(o.Tool)...)...)
}

func rule(path string, file, folder landlock.AccessFSSet) landlock.Rule {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return landlock.PathAccess(file, path)
	}
	return landlock.PathAccess(folder, path)
}

// tool lets a program outside the system's folders start, with the libraries
// that are packed beside it.
func tool(path string) []landlock.Rule {
	if path == "" || strings.HasPrefix(path, "/usr/") || strings.HasPrefix(path, "/bin/") {
		return nil
	}
	lib := filepath.Join(filepath.Dir(filepath.Dir(path)), "lib")
	return []landlock.Rule{
		landlock.PathAccess(rightFile|ll.AccessFSExecute, path),
		landlock.PathAccess(rightRun, lib).IgnoreIfMissing(),
	}
}
