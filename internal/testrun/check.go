package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// check runs what looks at the code without running it.
func (r *runner) check(modules []string) {
	r.step("gofmt", r.gofmt)
	systems := []string{"linux", "windows", "darwin"}
	if r.quick {
		systems = []string{runtime.GOOS}
	}
	for _, system := range systems {
		r.step("go vet for "+system, func() error {
			env := []string{"GOOS=" + system}
			if system != runtime.GOOS {
				env = append(env, "CGO_ENABLED=0") // a C compiler for that system is not asked for
			}
			return r.command(".", env, "go", "vet", "./...")
		})
	}
	if r.quick {
		return
	}
	for _, module := range modules[1:] {
		r.step("go vet in "+module, func() error { return r.command(module, nil, "go", "vet", "./...") })
	}
	r.step("staticcheck", func() error { return r.staticcheck(modules) })
	r.step("govulncheck", r.govulncheck)
}

func (r *runner) gofmt() error {
	var listed strings.Builder
	cmd := r.prepare(".", nil, "gofmt", "-l", ".")
	cmd.Stdout, cmd.Stderr = &listed, r.out
	if err := cmd.Run(); err != nil {
		return err
	}
	if listed.Len() > 0 {
		return fmt.Errorf("not formatted:\n%s", listed.String())
	}
	return nil
}

// tool builds a linter of the module tools and returns its path.
func (r *runner) tool(name, path string) (string, error) {
	build, err := filepath.Abs(buildDir)
	if err != nil {
		return "", err
	}
	program := filepath.Join(build, name)
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	return program, r.command("tools", nil, "go", "build", "-o", program, path)
}

func (r *runner) staticcheck(modules []string) error {
	program, err := r.tool("staticcheck", "honnef.co/go/tools/cmd/staticcheck")
	if err != nil {
		return err
	}
	var errs []error
	for _, module := range modules {
		errs = append(errs, r.command(module, nil, program, "./..."))
	}
	return errors.Join(errs...)
}

// govulncheck runs where its database can be reached, and says loudly where it cannot.
func (r *runner) govulncheck() error {
	database := os.Getenv("GOVULNDB")
	if database == "" {
		database = "https://vuln.go.dev"
	}
	if err := reach(r.ctx, database); err != nil {
		if r.ctx.Err() == nil {
			r.note("govulncheck: SKIPPED, known vulnerabilities are NOT checked: its database cannot be reached: %v", err)
		}
		return nil
	}
	program, err := r.tool("govulncheck", "golang.org/x/vuln/cmd/govulncheck")
	if err != nil {
		return err
	}
	return r.command(".", nil, program, "./...")
}

// reach asks for the first file that govulncheck reads. A database in a directory is taken as it is.
func reach(ctx context.Context, database string) error {
	if strings.HasPrefix(database, "file:") {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, strings.TrimSuffix(database, "/")+"/index/db.json", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", database, response.Status)
	}
	return nil
}
