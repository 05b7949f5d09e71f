package main

import (
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/plot"
)

// gradients diagnoses fresh networks, prints what is wrong with them, and draws the gradient of every layer's weights.
func (x *experiment) gradients() error {
	fmt.Println("\ngradients before training")
	var cases []plot.Case
	for _, v := range drawn {
		d, err := x.diagnose(v)
		if err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		first, last := depth(d)
		fmt.Printf("%-30s root mean square in the first hidden layer %.2g, in the last %.2g\n", v.name, first, last)
		for _, finding := range d.Findings {
			fmt.Println("  ", finding)
		}
		cases = append(cases, plot.Case{Name: v.name, Diagnosis: d})
	}
	if x.plot == "" {
		return nil
	}
	if err := plot.Gradients(cases...).Save(x.plot); err != nil {
		return err
	}
	fmt.Println("drawn:", x.plot)
	return nil
}

func (x *experiment) diagnose(v variant) (*engine.Diagnosis, error) {
	v.rate = 0.01 // not used: nothing is trained
	m, err := x.compile(v)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	return m.Diagnose(x.ctx, x.validation)
}

// depth returns the gradients of the kernels of the first and the last hidden layer.
func depth(d *engine.Diagnosis) (first, last float64) {
	for _, l := range d.Layers {
		if !strings.HasPrefix(l.Name, "dense") || l.WeightGradient <= 0 {
			continue
		}
		if first == 0 {
			first = l.WeightGradient
		}
		last = l.WeightGradient
	}
	return first, last
}
