package engine

import (
	"fmt"
	"regexp"
	"strings"
)

// place is what stands for a number in a path, as in Keras: {epoch}, {epoch:02d}, {val_loss:.2f}.
var place = regexp.MustCompile(`\{([^{}:]*)(?::([^{}]*))?\}`)

// format is what a place may say of how the number is written.
var format = regexp.MustCompile(`^0?\d{0,2}d$|^\d{0,2}(\.\d{1,2})?f$`)

// pathOf puts the epoch's number and scores into a path.
func pathOf(path string, e Epoch) (string, error) {
	var err error
	made := place.ReplaceAllStringFunc(path, func(text string) string {
		m := place.FindStringSubmatch(text)
		written, e := e.written(m[1], m[2])
		if err == nil {
			err = e
		}
		return written
	})
	return made, err
}

func (e Epoch) written(name, as string) (string, error) {
	if as != "" && !format.MatchString(as) || strings.HasSuffix(as, "d") != (name == "epoch" && as != "") {
		return "", fmt.Errorf("{%s:%s} in the path: want {epoch:02d} or {%s:.2f}, say", name, as, name)
	}
	if name == "epoch" {
		return fmt.Sprintf("%"+strings.TrimSuffix(as, "d")+"d", e.Number), nil
	}
	column := (&History{Epochs: []Epoch{e}}).Column(name)
	if len(column) == 0 {
		return "", fmt.Errorf("{%s} in the path: epoch %d has epoch, %s", name, e.Number, strings.Join(e.names(), ", "))
	}
	if as == "" {
		as = ".4f"
	}
	return fmt.Sprintf("%"+as, column[0]), nil
}
