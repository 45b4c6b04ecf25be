// Package tools pins the programs that check the code, apart from the module that users import. make test builds and
// runs them; its go.mod names their versions.
package tools
