// Package fashion holds Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): grey images of 28 × 28 pixels of ten kinds of
// clothing, 60,000 to train and 10,000 to test, from a directory, and a sixth of it embedded in the program.
package fashion

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/data/idx"
)

// The embedded subset was made by internal/fashionsubset; see subset/README.md and the licence beside it.
//
//go:embed subset/*.gz
var subset embed.FS

// Names are the names of the classes, in the order of the labels.
var Names = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}

// Debian is where Debian's package dataset-fashion-mnist puts the full set.
const Debian = "/usr/share/datasets/fashion-mnist"

// Find returns the directory of the full set where Debian's package is installed.
func Find() (dir string, ok bool) {
	_, err := os.Stat(filepath.Join(Debian, trainFiles.images+".gz"))
	return Debian, err == nil
}

// files are the stems of an images file and its labels file.
type files struct{ images, labels string }

var (
	trainFiles = files{"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}
	testFiles  = files{"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}
)

// Load reads the four IDX files, plain or with .gz at the end, of the directory. The empty name stands for the embedded
// subset: 10,000 examples to train and 2,000 to test, as many of each class. Images are bytes, fed as b/255.
func Load(dir string) (train, test *data.Set, err error) {
	read := embedded
	if dir != "" {
		read = func(stem string) (*idx.Array, error) { return fromDirectory(dir, stem) }
	}
	if train, err = trainFiles.load(read); err == nil {
		test, err = testFiles.load(read)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("fashion: %w", err)
	}
	return train, test, nil
}

func embedded(stem string) (*idx.Array, error) {
	file, err := subset.ReadFile("subset/" + stem + ".gz")
	if err != nil {
		return nil, err
	}
	return idx.Read(bytes.NewReader(file))
}

// fromDirectory reads the plain file if there is one, else the compressed one.
func fromDirectory(dir, stem string) (*idx.Array, error) {
	plain := filepath.Join(dir, stem)
	if _, err := os.Stat(plain); err == nil {
		return idx.ReadFile(plain)
	}
	if _, err := os.Stat(plain + ".gz"); err != nil {
		return nil, fmt.Errorf("%s has neither %s nor %s.gz: %w", dir, stem, stem, err)
	}
	return idx.ReadFile(plain + ".gz")
}

func (f files) load(read func(stem string) (*idx.Array, error)) (*data.Set, error) {
	images, err := read(f.images)
	if err != nil {
		return nil, err
	}
	labels, err := read(f.labels)
	if err != nil {
		return nil, err
	}
	switch {
	case len(images.Shape) != 3 || !slices.Equal(images.Shape[1:], []int{28, 28}):
		return nil, fmt.Errorf("%s: shape is %v, want [n 28 28]", f.images, images.Shape)
	case len(labels.Shape) != 1 || labels.Shape[0] != images.Shape[0]:
		return nil, fmt.Errorf("%s: shape is %v, want [%d], one label for each image", f.labels, labels.Shape, images.Shape[0])
	}
	set := &data.Set{Shape: []int{28, 28}, Bytes: images.Data, Labels: make([]int, len(labels.Data)), Names: Names}
	for i, label := range labels.Data {
		set.Labels[i] = int(label)
	}
	if err := set.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", f.labels, err)
	}
	return set, nil
}
