package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"strings"
)

// An Archive is an .npz file that is open to be read: arrays by name.
type Archive struct {
	name  string
	files []*zip.File
	names []string
	close func() error
}

const suffix = ".npy"

// OpenArchive opens an .npz file. Errors name it.
func OpenArchive(path string) (*Archive, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	var a *Archive
	info, err := file.Stat()
	if err == nil {
		a, err = NewArchive(path, file, info.Size())
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	a.close = file.Close
	return a, nil
}

// NewArchive lists what r holds: size bytes, called name in errors.
func NewArchive(name string, r io.ReaderAt, size int64) (*Archive, error) {
	a := &Archive{name: name, close: func() error { return nil }}
	z, err := zip.NewReader(r, size)
	if err != nil && err != zip.ErrInsecurePath { // names are not used as paths
		return nil, fmt.Errorf("npy: %s: %w", name, err)
	}
	seen := map[string]bool{}
	for _, f := range z.File {
		entry, ok := strings.CutSuffix(f.Name, suffix)
		if !ok || seen[entry] {
			return nil, fmt.Errorf("npy: %s: entry %q, want names that end in %s, each once", name, f.Name, suffix)
		}
		seen[entry] = true
		a.names, a.files = append(a.names, entry), append(a.files, f)
	}
	return a, nil
}

// Names lists the arrays, in the order of the file.
func (a *Archive) Names() []string { return append([]string(nil), a.names...) }

// Open begins to read an array, and Close of what it returns ends it. Close fails when the archive's check sum differs, if all was read.
func (a *Archive) Open(name string) (*Reader, io.Closer, error) {
	for i, n := range a.names {
		if n != name {
			continue
		}
		f, err := a.files[i].Open()
		if err != nil {
			return nil, nil, fmt.Errorf("npy: %s: array %q: %w", a.name, name, err)
		}
		r, err := NewReader(f)
		if err != nil {
			f.Close()
			return nil, nil, fmt.Errorf("npy: %s: array %q: %w", a.name, name, err)
		}
		return r, closing{f}, nil
	}
	return nil, nil, fmt.Errorf("npy: %s: no array %q", a.name, name)
}

// closing reads on to the end, where archive/zip compares the check sum.
type closing struct{ io.ReadCloser }

func (c closing) Close() error {
	n, err := io.Copy(io.Discard, io.LimitReader(c.ReadCloser, 1))
	if err == nil && n > 0 {
		err = fmt.Errorf("npy: more bytes than the array has")
	}
	if e := c.ReadCloser.Close(); err == nil {
		err = e
	}
	return err
}

// ReadAll reads an array: its shape and its numbers, row-major.
func (a *Archive) ReadAll(name string) (shape []int, values []float32, err error) {
	r, c, err := a.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if values, err = r.ReadAll(); err == nil {
		err = c.Close()
	} else {
		c.Close()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: array %q: %w", a.name, name, err)
	}
	return r.Shape(), values, nil
}

// Close closes the file.
func (a *Archive) Close() error { return a.close() }

// An ArchiveWriter writes an .npz file.
type ArchiveWriter struct{ z *zip.Writer }

// NewArchiveWriter begins an .npz file.
func NewArchiveWriter(w io.Writer) *ArchiveWriter { return &ArchiveWriter{zip.NewWriter(w)} }

// Write adds an array.
func (w *ArchiveWriter) Write(name string, shape []int, values []float32) error {
	f, err := w.z.CreateHeader(&zip.FileHeader{Name: name + suffix, Method: zip.Store})
	if err != nil {
		return err
	}
	return Write(f, shape, values)
}

// Close ends the archive. It does not close what is below.
func (w *ArchiveWriter) Close() error { return w.z.Close() }
