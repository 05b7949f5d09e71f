package main

import (
	"path/filepath"
	"regexp"
	"strings"
)

// fault is a change of one place of a file.
type fault struct {
	line     int // from 1
	from, to int // bytes that are replaced
	by       string
	what     string // for people
}

func (f fault) apply(source string) string { return source[:f.from] + f.by + source[f.to:] }

// operators are what is replaced by what.
var operators = []struct{ from, to string }{
	{" + ", " - "}, {" - ", " + "}, {" * ", " + "}, {" / ", " * "}, {" += ", " -= "}, {" -= ", " += "},
	{" < ", " <= "}, {" > ", " < "}, {" >= ", " > "}, {" <= ", " < "}, {" == ", " != "}, {" && ", " || "},
	{"max(", "min("}, {"min(", "max("}, {"0.5", "0.25"}, {"1.0", "1.01"}, {"2.0", "2.5"}, {"exp(", "sqrt("}, {"-15.0", "-1.0"},
	{"workgroupBarrier();", ""}, {" * ", " / "}, {"true", "false"}, {"false", "true"},
}

// plain is code without what a fault in it would not mean anything: declarations, comments, errors.
var skipped = regexp.MustCompile(`^\s*(//|@group|const|struct|import|package|func |fn |type |var |case |\})`)

// faults lists every change of the source by an operator.
func faults(source string) []fault {
	var list []fault
	at := 0
	for number, line := range strings.SplitAfter(source, "\n") {
		code, _, _ := strings.Cut(line, "//")
		if !skipped.MatchString(code) && strings.TrimSpace(code) != "" {
			list = append(list, faultsOf(code, at, number+1)...)
		}
		at += len(line)
	}
	return list
}

func faultsOf(code string, at, number int) []fault {
	var list []fault
	for _, o := range operators {
		for from := 0; ; {
			i := strings.Index(code[from:], o.from)
			if i < 0 {
				break
			}
			from += i
			what := strings.TrimSpace(o.from) + " -> " + strings.TrimSpace(o.to)
			if o.to == "" {
				what = barrier
			}
			list = append(list, fault{line: number, from: at + from, to: at + from + len(o.from), by: o.to, what: what})
			from += len(o.from)
		}
	}
	return list
}

// spread takes n of the faults, from the whole of the file.
func spread(all []fault, n int) []fault {
	if len(all) <= n {
		return all
	}
	var some []fault
	for i := range n {
		some = append(some, all[(2*i+1)*len(all)/(2*n)])
	}
	return some
}

// stems are the operations of files that are named otherwise.
var stems = map[string]string{"matmul_plain": "matmul", "matmul_direct": "matmul", "matmul_direct_odd": "matmul", "matmul_vector": "matmul", "gather_f32": "gather", "gather_u8": "gather",
	"sgd_momentum": "sgd", "clip_norm": "clip", "clip_value": "clip", "adaptive_third": "adaptive", "transpose_batch": "transpose", "sum": "penalty"}

// wide are the tests of files that are no operation's: those of several operations at once, and of everything that a backend is made of.
var wide = map[string]string{
	"matmul_bias_activation": layers, "matmul_plain_bias_activation": layers, "matmul_vector_bias_activation": layers, "matmul_direct_bias_activation": layers, "matmul_direct_odd_bias_activation": layers,
	"bias_activation": sequences, "bias_activation_batchnorm": sequences, "batchnorm_activation_bias_grad": sequences, "batchnorm_activation": sequences, "activation_batchnorm_grad": sequences, "activation_bias_grad": sequences, "batchnorm_normal": sequences,
	"crossentropy_accuracy_grad": sequences, "crossentropy_accuracy_bias_grad": sequences, "gather_f32_labels": sequences, "gather_u8_labels": sequences, "tally_advance": sequences, "gather_u8_batchnorm_normal": sequences, "gather_f32_batchnorm_normal": sequences, "unfold": sequences, "matmul_direct_unfold": sequences,
	"sgd_clipped": sequences, "sgd_momentum_clipped": sequences, "adaptive_clipped": sequences, "adaptive_third_clipped": sequences,
	"clipped_update": "ClippedUpdates|TestSequences", "sweep": "TestThen|ClippedUpdates|TestSequences",
	"fuse": "Sequences|Fus|Unfold|ClippedUpdates", "fill": ".", "status": ".", "advance": ".", "backend": ".", "compile": ".", "pool": ".", "vector": ".", "kernel": ".",
	"instructions": ".", "blas": ".", "blas_workers": ".", "matmul_panels": products, "matmul_blocks": products, "matmul": products + "|TestConformance/operations/^matmul", "exp": ".", "transpose": ".", "tile_generic": ".", "tile_amd64": ".", "vector_amd64": ".", "sgemm_amd64": ".", "matmul_gonum": ".",
}

const (
	sequences = "TestSequences"
	layers    = "TestSequences/matmul|TestKernelsOfGPUs/matmul,"
	products  = "TestProductsAreChains|BLAS|Sgemm"
)

// tests are those of a package whose names match.
type tests struct{ pkg, pattern string }

// onMetal are those of all shaders as Metal source.
var onMetal = tests{"./internal/metal", "TestConformance|TestSequences"}

// testsOf returns the tests that should see a fault in the file: the conformance of the operation that has its stem, or everything that the backend is
// tested by.
func testsOf(file string) tests {
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	pkg := "./cpu"
	if filepath.Dir(file) == "shaders" {
		pkg = "./kernels"
	}
	if pattern, ok := wide[stem]; ok {
		return tests{pkg, pattern}
	}
	if other, ok := stems[stem]; ok {
		stem = other
	}
	pattern := "TestConformance/operations/^" + stem
	if pkg == "./kernels" && stem == "matmul" { // other kernels than where it is tested
		pattern += "|TestKernelsOfGPUs"
	}
	return tests{pkg, pattern}
}
