module github.com/forewarn-go/forewarn/benchmarks

go 1.26.0

require github.com/forewarn-go/forewarn v0.0.0

replace github.com/forewarn-go/forewarn => ../
