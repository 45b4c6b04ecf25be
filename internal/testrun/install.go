package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/forewarn-go/forewarn/internal/kafkaserver"
	"github.com/forewarn-go/forewarn/internal/pgserver"
)

// install installs what is missing, where FOREWARN_INSTALL=1 allows it and the machine is one where it can be done.
// What cannot be installed is left to the steps that need it: they say what they miss.
func (r *runner) install() {
	if os.Getenv("FOREWARN_INSTALL") != "1" {
		return
	}
	packages := r.missingPackages()
	if len(packages) == 0 {
		return
	}
	apt, err := exec.LookPath("apt-get")
	switch {
	case err != nil:
		err = errors.New("no apt-get on this machine")
	case os.Geteuid() != 0:
		err = errors.New("only root can install")
	}
	if err != nil {
		r.note("install: skipped: %v; on Debian, as root: %s", err, aptLine(packages))
		return
	}
	r.step(aptLine(packages), func() error {
		env := []string{"DEBIAN_FRONTEND=noninteractive"}
		if err := r.command(".", env, apt, "-q", "update"); err != nil {
			fmt.Fprintln(r.out, "testrun: apt-get update:", err, "(going on with the lists that are there)")
		}
		args := append([]string{"-q", "install", "-y", "--no-install-recommends"}, packages...)
		return r.command(".", env, apt, args...)
	})
}

// missingPackages names the Debian packages of what the run needs and does not find.
func (r *runner) missingPackages() []string {
	var packages []string
	if os.Getenv(postgresEnv) == "" {
		if _, err := pgserver.Find(r.ctx); err != nil {
			packages = append(packages, "postgresql")
		}
	}
	if os.Getenv(kafkaEnv) == "" {
		if _, err := kafkaserver.Java(r.ctx); err != nil {
			packages = append(packages, "default-jre-headless")
		}
		if _, err := exec.LookPath("mvn"); err != nil && !kafkaserver.Cached() {
			packages = append(packages, "maven")
		}
	}
	if !haveCompiler() {
		packages = append(packages, "gcc", "libc6-dev")
	}
	return packages
}

func aptLine(packages []string) string {
	return "apt-get install -y --no-install-recommends " + strings.Join(packages, " ")
}
