// Command probe stands in a tool's place and tries what a taken-over tool would
// try. It prints one line for each try: its name and "done" or the error.
package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	debug.SetGCPercent(-1)
	switch os.Args[1] {
	case "try":
		for _, name := range os.Args[2:] {
			kind, arg, _ := strings.Cut(name, "=")
			if err := try(kind, arg); err != nil {
				fmt.Println(name, "failed:", err)
			} else {
				fmt.Println(name, "done")
			}
		}
	case "deaf": // ignores the polite signal
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("deaf")
		time.Sleep(time.Hour)
	case "wait":
		fmt.Println("waiting")
		time.Sleep(time.Hour)
	case "env":
		fmt.Println(strings.Join(os.Environ(), "\n"))
	case "progress":
		if _, err := os.NewFile(3, "progress").WriteString("done"); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	case "burn":
		for {
		}
	}
}

func try(kind, arg string) error {
	switch kind {
	case "read":
		_, err := os.ReadFile(arg)
		return err
	case "list":
		_, err := os.ReadDir(arg)
		return err
	case "write":
		return os.WriteFile(arg, []byte("x"), 0o600)
	case "dial": // network,address
		network, address, _ := strings.Cut(arg, ",")
		c, err := net.Dial(network, address)
		if err != nil {
			return err
		}
		_, err = c.Write([]byte("x"))
		return err
	case "syscall":
		n, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		var space [256]byte
		_, _, errno := syscall.Syscall(uintptr(n), 1, uintptr(unsafe.Pointer(&space[0])), 0)
		if errno != 0 {
			return errno
		}
		return nil
	case "trace":
		pid, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		return syscall.PtraceAttach(pid)
	case "signal":
		pid, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		return syscall.Kill(pid, 0)
	case "start":
		_, err := os.StartProcess(arg, []string{arg}, &os.ProcAttr{})
		return err
	case "exec":
		return syscall.Exec(arg, []string{arg}, nil)
	case "memory":
		n, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		_, err = syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
		return err
	case "file": // folder,bytes
		dir, size, _ := strings.Cut(arg, ",")
		n, err := strconv.Atoi(size)
		if err != nil {
			return err
		}
		signal.Ignore(syscall.SIGXFSZ)
		return os.WriteFile(filepath.Join(dir, "big"), make([]byte, n), 0o600)
	}
	return fmt.Errorf("unknown try %s", kind)
}
