package data

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/engine/random"
)

// oversampleStream is the number of the random stream that Oversample draws from.
const oversampleStream = 1<<34 + 1

var errNoLabels = errors.New("data: the set has no labels")

// ClassCounts returns how many examples each class has.
func (s *Set) ClassCounts() []int {
	counts := make([]int, s.Classes())
	for _, label := range s.Labels {
		if label >= 0 {
			counts[label]++
		}
	}
	return counts
}

// ClassReport returns a table of the classes: number, examples, share of all, and name, if there is one.
func (s *Set) ClassReport() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%5s %9s %7s\n", "class", "examples", "share")
	for class, n := range s.ClassCounts() {
		name := ""
		if class < len(s.Names) {
			name = "  " + s.Names[class]
		}
		fmt.Fprintf(&out, "%5d %9d %6.1f%%%s\n", class, n, 100*float64(n)/float64(max(len(s.Labels), 1)), name)
	}
	return out.String()
}

// BalancedWeights returns weights for Fit.ClassWeight by which every class counts the same in the loss, and their mean over the examples is 1:
// examples/(classes·examples of the class), over the classes that have any (scikit-learn's class_weight="balanced").
func (s *Set) BalancedWeights() (map[int]float32, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if len(s.Labels) == 0 {
		return nil, errNoLabels
	}
	counts, present := s.ClassCounts(), 0
	for _, n := range counts {
		present += min(n, 1)
	}
	weights := map[int]float32{}
	for class, n := range counts {
		if n > 0 {
			weights[class] = float32(float64(s.Len()) / (float64(present) * float64(n)))
		}
	}
	return weights, nil
}

// Oversample returns the examples followed by more of the classes that have fewer, so that each that has any has as many as the largest: first
// all of a class once more, as often as that fits, then some of it, drawn at random without repetition. Split before, or copies of one example are in both parts.
func (s *Set) Oversample(seed uint64) (*Set, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if len(s.Labels) == 0 {
		return nil, errNoLabels
	}
	classes, most := make([][]int, s.Classes()), 0
	for i, label := range s.Labels {
		classes[label] = append(classes[label], i)
		most = max(most, len(classes[label]))
	}
	numbers, stream := make([]int, s.Len()), random.NewStream(seed, oversampleStream)
	for i := range numbers {
		numbers[i] = i
	}
	for _, members := range classes {
		order := make([]uint32, len(members))
		stream.Shuffle(order)
		for i := len(members); i < most && len(members) > 0; i++ {
			numbers = append(numbers, members[order[i%len(members)]])
		}
	}
	return s.Select(numbers)
}

// OneHot returns the same examples with targets in place of labels: 1 for the class and 0 for the others (Keras's to_categorical).
func (s *Set) OneHot() (*Set, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if len(s.Labels) == 0 {
		return nil, errNoLabels
	}
	made, classes := *s, s.Classes()
	made.Labels, made.TargetShape, made.Targets = nil, []int{classes}, make([]float32, classes*s.Len())
	for i, label := range s.Labels {
		made.Targets[i*classes+label] = 1
	}
	return &made, nil
}
