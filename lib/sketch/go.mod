module github.com/descent-go/descent/lib/sketch

go 1.26.0

require (
	github.com/DataDog/sketches-go v1.4.8
	github.com/descent-go/descent v0.0.0-00010101000000-000000000000
	gonum.org/v1/gonum v0.17.0
)

require (
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
	golang.org/x/text v0.44.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace github.com/descent-go/descent => ../..
