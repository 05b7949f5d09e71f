package engine

import (
	"fmt"
	"reflect"

	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// A Registry says how to read what a file of a model may hold that is not of Gradus: layers and activations by nn.Registry; losses, metrics,
// optimizers and schedules by a value of their type, whose exported fields are the options.
//
//	engine.Registry{Losses: []loss.Loss{MyLoss{}}}
type Registry struct {
	nn.Registry
	Losses     []loss.Loss
	Metrics    []metric.Metric
	Optimizers []optim.Optimizer
	Schedules  []optim.Schedule
}

// builtIn are the classes of Gradus.
var builtIn = Registry{
	Losses: []loss.Loss{loss.SparseCategoricalCrossentropy{}, loss.CategoricalCrossentropy{}, loss.CategoricalFocalCrossentropy{}, loss.BinaryCrossentropy{},
		loss.BinaryFocalCrossentropy{}, loss.MeanSquaredError{}, loss.MeanAbsoluteError{}, loss.MeanAbsolutePercentageError{}, loss.MeanSquaredLogarithmicError{},
		loss.Huber{}, loss.LogCosh{}, loss.Poisson{}, loss.KLDivergence{}, loss.CosineSimilarity{}, loss.Hinge{}, loss.CategoricalHinge{}},
	Metrics: []metric.Metric{metric.Accuracy{}, metric.TopKCategoricalAccuracy{}, metric.BinaryAccuracy{}, metric.Precision{}, metric.Recall{}, metric.F1{},
		metric.AUC{}, metric.MeanAbsoluteError{}, metric.MeanSquaredError{}, metric.RootMeanSquaredError{}, metric.R2{}},
	Optimizers: []optim.Optimizer{optim.SGD{}, optim.Adam{}, optim.Adamax{}, optim.Nadam{}, optim.RMSprop{}, optim.Adagrad{}, optim.Adadelta{}, optim.Lion{},
		optim.Lamb{}, optim.Muon{}, optim.EMA{}, optim.Grouped{}, optim.Clipped{}},
	Schedules: []optim.Schedule{optim.ExponentialDecay{}, optim.InverseTimeDecay{}, optim.PowerDecay{}, optim.PiecewiseConstant{}, optim.PolynomialDecay{},
		optim.CosineDecay{}, optim.Warmup{}, optim.OneCycle{}, optim.OneCycleMomentum{}},
}

// classes are types by the interface that they are for, and their name.
type classes map[reflect.Type]map[string]reflect.Type

// classesOf lists the classes of Gradus and those of the registry.
func classesOf(own Registry) (classes, error) {
	made := classes{}
	for _, r := range []Registry{builtIn, own} {
		if err := made.addAll(r); err != nil {
			return nil, fmt.Errorf("registry: %w", err)
		}
	}
	return made, nil
}

func (c classes) addAll(r Registry) error {
	for _, list := range []any{r.Losses, r.Metrics, r.Optimizers, r.Schedules} {
		v := reflect.ValueOf(list)
		for i := range v.Len() {
			if err := c.add(v.Type().Elem(), v.Index(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c classes) add(role reflect.Type, value reflect.Value) error {
	if value.IsNil() {
		return fmt.Errorf("a %v is nil", role)
	}
	t := value.Elem().Type()
	name := className(t)
	if c[role] == nil {
		c[role] = map[string]reflect.Type{}
	}
	if other, taken := c[role][name]; taken {
		return fmt.Errorf("%v and %v have one name", other, t)
	}
	c[role][name] = t
	return nil
}

// className is the type's own name, whether it is a pointer or not.
func className(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}
