module example.com/flowers

go 1.26

require github.com/descent-go/descent v0.0.0

replace github.com/descent-go/descent => ../../../..
