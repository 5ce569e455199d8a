package remote

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/internal/decimal"
)

// CaliforniaHousing returns a regression task: 20 640×8, block groups of the census
// of 1990, and the median value of their houses. It downloads 0.4 MB once, the
// archive that scikit-learn uses, with the SHA-256 that scikit-learn states, and
// derives features and target as scikit-learn does. It returns the errors of
// [Source.Fetch].
//
// Source: R. K. Pace, R. Barry, "Sparse Spatial Autoregressions", Statistics and Probability Letters 33 (1997).
func CaliforniaHousing(ctx context.Context, opt Options) (*datasets.Dataset, error) {
	return loadCalifornia(ctx, opt, californiaSource())
}

func californiaSource() Source {
	return Source{
		Name:   "cal_housing.tgz",
		URLs:   []string{"https://ndownloader.figshare.com/files/5976036"},
		Size:   441963,
		SHA256: "aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681",
	}
}

func loadCalifornia(ctx context.Context, opt Options, s Source) (*datasets.Dataset, error) {
	f, err := s.Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := tgzMember(f, "CaliforniaHousing/cal_housing.data", 1<<24)
	if err != nil {
		return nil, err
	}
	return parseCalifornia(text)
}

// parseCalifornia reads lines of longitude, latitude, age, rooms, bedrooms, population, households, income, value.
// Rooms, bedrooms and population are totals of the block group; the features are averages over its households.
func parseCalifornia(text []byte) (*datasets.Dataset, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = 9
	records, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("remote: cal_housing.data: %w", err)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("remote: cal_housing.data is empty")
	}
	d := &datasets.Dataset{
		Name:       "california_housing",
		X:          mat.NewDense(len(records), 8, nil),
		Y:          mat.NewDense(len(records), 1, nil),
		Features:   []string{"MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"},
		Units:      []string{"10 000 USD", "years", "per household", "per household", "people", "per household", "°", "°"},
		Target:     "MedHouseVal",
		TargetUnit: "100 000 USD",
		Title:      "California housing, census of 1990",
		Source:     "R. K. Pace, R. Barry (1997), StatLib; copy by N. Liu, doi.org/10.6084/m9.figshare.3829992.v2",
		Licence:    "CC BY 4.0, as stated by the depositor of the copy",
		Citation:   `Pace, R. K. and Barry, R. (1997). "Sparse Spatial Autoregressions". Statistics and Probability Letters 33, 291–297.`,
		Notes:      "Values of 5.00001 stand for all above 500 000 USD: the target is cut off there.",
	}
	var v [9]float64
	for i, record := range records {
		for j, field := range record {
			if v[j], err = decimal.Parse(field); err != nil {
				return nil, fmt.Errorf("remote: cal_housing.data, line %d, field %d: %w", i+1, j+1, err)
			}
		}
		households := v[6]
		if households <= 0 {
			return nil, fmt.Errorf("remote: cal_housing.data, line %d: %v households", i+1, households)
		}
		d.X.SetRow(i, []float64{v[7], v[2], v[3] / households, v[4] / households, v[5], v[5] / households, v[1], v[0]})
		d.Y.Set(i, 0, v[8]/100000)
	}
	return d, nil
}
