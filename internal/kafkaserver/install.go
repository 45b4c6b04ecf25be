package kafkaserver

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// Version is the version of Apache Kafka that Start runs.
const Version = "4.1.1"

// Errors of what a broker needs and a machine may not have.
var (
	ErrNoJava  = errors.New("no Java 17 or later (neither in $JAVA_HOME nor on the path)")
	ErrNoMaven = errors.New("no Maven (mvn) to fetch Apache Kafka " + Version + " with, and it is not in the cache")
	ErrFetch   = errors.New("fetching Apache Kafka " + Version + " with Maven failed")
)

//go:embed pom.xml
var pom []byte

// Java returns the program of a Java that is new enough, or ErrNoJava.
func Java(ctx context.Context) (string, error) {
	var candidates []string
	if home := os.Getenv("JAVA_HOME"); home != "" {
		candidates = append(candidates, filepath.Join(home, "bin", "java"))
	}
	if path, err := exec.LookPath("java"); err == nil {
		candidates = append(candidates, path)
	}
	for _, java := range candidates {
		out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
		if err == nil && release(string(out)) >= 17 {
			return java, nil
		}
	}
	return "", ErrNoJava
}

var quoted = regexp.MustCompile(`version "(\d+)`)

// release reads 17 out of what java -version says; 0 when it says something else. Java 8 calls itself 1.8.
func release(says string) int {
	m := quoted.FindStringSubmatch(says)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

// Cached reports whether Apache Kafka is in the user's cache, so that Maven is not needed.
func Cached() bool {
	_, err := os.Stat(cacheDir())
	return err == nil
}

func cacheDir() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // no home
	}
	return filepath.Join(cache, "forewarn", "kafka-"+Version)
}

// Jars returns the directory that holds Apache Kafka. The first call on a machine fetches it with Maven into the
// user's cache, where a directory is whole or is not there; later calls need neither Maven nor the network.
func Jars(ctx context.Context) (string, error) {
	dir := cacheDir()
	if Cached() {
		return dir, nil
	}
	maven, err := exec.LookPath("mvn")
	if err != nil {
		return "", ErrNoMaven
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("cache of Apache Kafka: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "fetching-")
	if err != nil {
		return "", fmt.Errorf("cache of Apache Kafka: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), pom, 0o644); err != nil {
		return "", err
	}
	fetched := filepath.Join(work, "jars")
	cmd := exec.CommandContext(ctx, maven, "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime",
		"-DoutputDirectory="+fetched)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %w: %s", ErrFetch, err, firstLine(out))
	}
	if err := os.Rename(fetched, dir); err != nil {
		if Cached() {
			return dir, nil // another run was faster
		}
		return "", fmt.Errorf("cache of Apache Kafka: %w", err)
	}
	return dir, nil
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimSpace(b), []byte("\n"))
	return line
}
