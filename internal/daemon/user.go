package daemon

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
)

// Unprivileged returns whom a server that refuses root runs as: nil, hence this process's own user, when that is not
// root; else the first of the named accounts that exists.
func Unprivileged(names ...string) (*User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		return &User{Name: name, UID: uint32(uid), GID: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("running as root, and none of the accounts %v exists to run a server as", names)
}

// DirEnv is the environment variable of the directory that TempDir works in, where it is not the system's own. A test
// run sets it, and so finds and removes what a test that was killed has left.
const DirEnv = "FOREWARN_RUN_DIR"

// TempDir makes a directory that the user may enter and write, beside the other temporary ones. The caller removes it.
func TempDir(pattern string, u *User) (string, error) {
	dir, err := os.MkdirTemp(os.Getenv(DirEnv), pattern)
	if err != nil {
		return "", err
	}
	if u != nil {
		if err := os.Chown(dir, int(u.UID), int(u.GID)); err != nil {
			_ = os.RemoveAll(dir)
			return "", err
		}
	}
	return dir, nil
}
