package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	loadTime    = 2 * time.Minute  // an append-only file of a gigabyte loads in seconds
	stopTime    = 15 * time.Second // a soft stop writes what is left and ends
	restartWait = 300 * time.Millisecond
	restartMost = 5 * time.Second // longest pause between restarts, e.g. on a full disk
)

// server is a private redis-server in a folder of ours. If it dies it is started
// again; what it acknowledged is on disk (appendfsync always).
type server struct {
	program string
	dir     string // DataDir/redis
	socket  string
	log     *slog.Logger

	owner *os.File // lock of this process on the folder
	held  *os.File // lock that the redis-server inherits: held as long as it lives

	mu   sync.Mutex
	cmd  *exec.Cmd
	stop func() error
}

// startServer takes the folder, ends a redis-server that outlived its owner, and
// starts a new one. It returns when that answers.
func startServer(ctx context.Context, cfg Config) (*server, error) {
	if cfg.DataDir == "" {
		return nil, errors.New("storage: the private Redis needs DataDir")
	}
	program, err := findServer(cfg.RedisServer)
	if err != nil {
		return nil, err
	}
	base, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	s := &server{program: program, dir: filepath.Join(base, "redis"), log: cfg.Log}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	s.owner, err = lock(filepath.Join(base, "clipcase.lock"))
	if errors.Is(err, errLocked) {
		return nil, &inUse{base}
	}
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(err, s.unlock())
	}
	return s, nil
}

// inUse says that another process has the data folder.
type inUse struct{ dir string }

func (e *inUse) Error() string {
	return fmt.Sprintf("another clipcase already uses the data folder %s: stop it first, or give this one another DATA_DIR or a REDIS_URL", e.dir)
}

func (s *server) begin(ctx context.Context) error {
	var err error
	if s.held, err = s.takeOver(ctx); err != nil {
		return err
	}
	if s.socket, err = s.place(); err != nil {
		return err
	}
	life := context.WithoutCancel(ctx) // until stop, not until Open returns
	if err := s.launch(life); err != nil {
		return err
	}
	up, quit, gone := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go s.watch(life, up, quit, gone)
	s.stop = sync.OnceValue(func() error {
		close(quit)
		s.terminate(gone)
		return errors.Join(s.clear(), s.unlock())
	})
	if err := s.ready(ctx, gone); err != nil {
		return errors.Join(err, s.stop())
	}
	close(up)
	return nil
}

// launch starts one redis-server. Its process group is its own: a Ctrl-C in the
// terminal reaches us, and we stop it last.
func (s *server) launch(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, s.program,
		"--port", "0", "--unixsocket", s.socket, "--unixsocketperm", "700",
		"--dir", s.dir, "--pidfile", s.pidfile(), "--logfile", s.logfile(),
		"--daemonize", "no", "--save", "", "--appendonly", "yes", "--appendfsync", "always",
		"--aof-load-truncated", "yes", "--auto-aof-rewrite-min-size", "16mb",
		"--maxmemory-policy", "noeviction", "--databases", "1",
	)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.ExtraFiles = []*os.File{s.held}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.program, err)
	}
	s.mu.Lock()
	s.cmd = cmd
	s.mu.Unlock()
	return nil
}

// watch waits for the server's end and starts it again until quit, once it has
// been up; gone tells that the last one has ended.
func (s *server) watch(ctx context.Context, up, quit <-chan struct{}, gone chan<- struct{}) {
	defer close(gone)
	pause := restartWait
	for {
		steady := time.NewTimer(time.Minute)
		err := s.current().Wait()
		select {
		case <-quit:
			steady.Stop()
			return
		default:
		}
		select {
		case <-up:
		default: // it does not start: who waits for it says so
			steady.Stop()
			return
		}
		s.log.Error("the private Redis ended and is started again", slog.Any("error", err), slog.String("log", s.lastWords()))
		if !steady.Stop() { // it had run for a while
			pause = restartWait
		}
		for {
			select {
			case <-quit:
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, restartMost)
			err := s.launch(ctx)
			if err == nil {
				break
			}
			s.log.Error("the private Redis cannot be started", slog.Any("error", err))
		}
		select {
		case <-quit: // stop looked at the one before
			s.signal(syscall.SIGTERM)
		default:
		}
	}
}

func (s *server) current() *exec.Cmd {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd
}

// ready waits until the server answers and has loaded its file.
func (s *server) ready(ctx context.Context, gone <-chan struct{}) (err error) {
	client := oneConnection(s.socket)
	defer func() { err = errors.Join(err, client.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, loadTime)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		_, err := os.Stat(s.socket)
		if err == nil {
			if err = client.Ping(ctx).Err(); err == nil {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the private Redis does not answer: %w: %s", errors.Join(ctx.Err(), err), s.lastWords())
		case <-gone:
			return fmt.Errorf("the private Redis does not start: %s", s.lastWords())
		case <-again.C:
		}
	}
}

// terminate ends the server softly, and hard when that takes too long.
func (s *server) terminate(gone <-chan struct{}) {
	hard := time.NewTimer(stopTime)
	defer hard.Stop()
	s.signal(syscall.SIGTERM)
	select {
	case <-gone:
		return
	case <-hard.C:
	}
	s.log.Error("the private Redis does not stop and is killed")
	s.signal(syscall.SIGKILL)
	<-gone
}

func (s *server) signal(sig syscall.Signal) {
	if err := s.current().Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.log.Error("signal the private Redis", slog.Any("error", err))
	}
}

func (s *server) unlock() error {
	var errs []error
	for _, f := range []*os.File{s.held, s.owner} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	s.held, s.owner = nil, nil
	return errors.Join(errs...)
}

func (s *server) pidfile() string { return filepath.Join(s.dir, "redis.pid") }
func (s *server) logfile() string { return filepath.Join(s.dir, "redis.log") }

// pid reads the pid file; 0 = none.
func (s *server) pid() int {
	text, err := os.ReadFile(s.pidfile())
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(firstLine(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
