package onnx

import (
	"errors"

	"github.com/gradus-ml/gradus/engine/backend"
)

// paper is a backend on which steps are recorded but never run. It keeps what is written to it: the constants.
type paper struct{}

// sheet is memory of paper.
type sheet struct {
	kind  backend.Kind
	n     int
	bytes []byte // nil until something is written
}

func (s *sheet) Kind() backend.Kind { return s.kind }
func (s *sheet) Len() int           { return s.n }
func (s *sheet) Release()           {}

func (paper) Info() backend.Info { return backend.Info{Name: "paper"} }

func (paper) Alloc(kind backend.Kind, n int) (backend.Buffer, error) {
	return &sheet{kind: kind, n: n}, nil
}

func (paper) Write(dst backend.Region, src []byte) error {
	s := dst.Buffer.(*sheet)
	if s.bytes == nil {
		s.bytes = make([]byte, backend.Whole(s).Bytes())
	}
	copy(s.bytes[backend.Region{Buffer: s, Len: dst.Offset}.Bytes():], src)
	return nil
}

func (paper) Read(dst []byte, src backend.Region) error {
	clear(dst)
	if s := src.Buffer.(*sheet); s.bytes != nil {
		copy(dst, s.bytes[backend.Region{Buffer: s, Len: src.Offset}.Bytes():])
	}
	return nil
}

func (paper) Compile([]backend.Op) (backend.Program, error) {
	return nil, errors.New("paper runs nothing")
}

func (paper) Sync() error  { return nil }
func (paper) Close() error { return nil }
