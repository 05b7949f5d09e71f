package backend

import (
	"fmt"
	"unsafe"
)

// Element is a Go type whose slices travel to and from buffers as they are.
type Element interface{ float32 | uint32 | uint8 }

// KindOf returns the kind of buffer that holds elements of the type.
func KindOf[T Element]() Kind {
	switch any(*new(T)).(type) {
	case float32:
		return F32
	case uint32:
		return U32
	}
	return U8
}

// Upload writes src to dst, which must be of its kind and length.
func Upload[T Element](b Backend, dst Region, src []T) error {
	if err := matches[T](dst, len(src)); err != nil {
		return fmt.Errorf("backend: upload: %w", err)
	}
	return b.Write(dst, bytesOf(src))
}

// Download reads src into dst, which must be of its kind and length.
func Download[T Element](b Backend, dst []T, src Region) error {
	if err := matches[T](src, len(dst)); err != nil {
		return fmt.Errorf("backend: download: %w", err)
	}
	return b.Read(bytesOf(dst), src)
}

// New allocates a buffer holding src.
func New[T Element](b Backend, src []T) (Region, error) {
	buffer, err := b.Alloc(KindOf[T](), len(src))
	if err != nil {
		return Region{}, err
	}
	if err := Upload(b, Whole(buffer), src); err != nil {
		buffer.Release()
		return Region{}, err
	}
	return Whole(buffer), nil
}

func matches[T Element](r Region, n int) error {
	if err := r.Valid(); err != nil {
		return err
	}
	if r.Kind() != KindOf[T]() || r.Len != n {
		return fmt.Errorf("a region of %d %v, but %d %v", r.Len, r.Kind(), n, KindOf[T]())
	}
	return nil
}

// bytesOf views the elements as bytes; every platform that Gradus builds for is little-endian.
func bytesOf[T Element](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}
