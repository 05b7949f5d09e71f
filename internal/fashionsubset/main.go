// Command fashionsubset draws the part of Fashion-MNIST that package fashion embeds: the first examples of each class,
// as many of every class, in the order of the full set.
//
//	go run ./internal/fashionsubset -data DIR -out DIR
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/engine/data/idx"
)

// How many examples of each class are kept.
const (
	trainPerClass = 1000
	testPerClass  = 200
)

func main() {
	from := flag.String("data", fashion.Debian, "`directory` of the full set")
	to := flag.String("out", ".", "`directory` to write the four files to")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "fashionsubset:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	files, err := draw(from)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(to, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// draw returns the four files by name.
func draw(from string) (map[string][]byte, error) {
	train, test, err := fashion.Load(from)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, part := range []struct {
		stem     string
		set      *data.Set
		perClass int
	}{{"train", train, trainPerClass}, {"t10k", test, testPerClass}} {
		images, labels, err := firstOfEach(part.set, part.perClass)
		if err != nil {
			return nil, err
		}
		files[part.stem+"-images-idx3-ubyte.gz"] = compress(images)
		files[part.stem+"-labels-idx1-ubyte.gz"] = compress(labels)
	}
	return files, nil
}

// firstOfEach keeps the first n examples of each class.
func firstOfEach(set *data.Set, n int) (images, labels *idx.Array, err error) {
	kept, size := make([]int, len(fashion.Names)), set.Features()
	images, labels = &idx.Array{}, &idx.Array{}
	for i, label := range set.Labels {
		if kept[label] == n {
			continue
		}
		kept[label]++
		images.Data = append(images.Data, set.Bytes[i*size:(i+1)*size]...)
		labels.Data = append(labels.Data, uint8(label))
	}
	if total := n * len(kept); len(labels.Data) != total {
		return nil, nil, fmt.Errorf("%d examples, want %d: %v of the classes", len(labels.Data), total, kept)
	}
	labels.Shape = []int{len(labels.Data)}
	images.Shape = append([]int{len(labels.Data)}, set.Shape...)
	return images, labels, nil
}

func compress(a *idx.Array) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		err = a.Write(w)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // a valid level, and a buffer takes every write
	}
	return b.Bytes()
}
