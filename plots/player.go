package plots

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// SameAxes gives charts that will be compared, side by side or one after the other, the range that holds all of
// them.
func SameAxes(charts ...*Chart) {
	xmin, xmax, ymin, ymax := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, c := range charts {
		xmin, xmax = min(xmin, c.Plot.X.Min), max(xmax, c.Plot.X.Max)
		ymin, ymax = min(ymin, c.Plot.Y.Min), max(ymax, c.Plot.Y.Max)
	}
	for _, c := range charts {
		c.Plot.X.Min, c.Plot.X.Max, c.Plot.Y.Min, c.Plot.Y.Max = xmin, xmax, ymin, ymax
	}
}

// Player puts several charts into the cell, one of which is seen: a slider, which has a name and for each chart a
// label, chooses which. It begins with the middle one, and works with the mouse, a finger and the arrow keys.
//
// The charts are pictures that were drawn beforehand, so that it needs no kernel and works in a trusted notebook and
// on a web page; where the slider cannot work, the middle chart remains. A chart takes about 30 kB: ten are a good
// number. Give them the same axes with [SameAxes].
//
// Outside a notebook Player writes an HTML file, as [Show] does a picture, and like it panics with an error or
// without a description. It also panics if there are not as many labels as charts.
func Player(name string, labels []string, charts []*Chart, description string) {
	if len(labels) != len(charts) || len(charts) == 0 {
		panic(fmt.Sprintf("plots: a player of %d charts with %d labels", len(charts), len(labels)))
	}
	page, middle, err := player(name, labels, charts, description)
	if err != nil {
		panic(err)
	}
	if gonbui.IsNotebook {
		d := middle.bundle("")
		d.Data[protocol.MIMETextHTML] = string(page)
		send(d)
		return
	}
	title := charts[0].Plot.Title.Text
	head := "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>" + html.EscapeString(title) + "</title>\n"
	write(slug(title)+".html", append([]byte(head), page...), description)
}

// sameSize returns an error that names the first chart of another size than the first one.
func sameSize(charts []*Chart) error {
	for i, c := range charts {
		if c.Width != charts[0].Width || c.Height != charts[0].Height {
			return fmt.Errorf("plots: chart %d of %q is %v×%v points and chart 0 %v×%v: give all the same size",
				i, c.Plot.Title.Text, c.Width, c.Height, charts[0].Width, charts[0].Height)
		}
	}
	return nil
}

func player(name string, labels []string, charts []*Chart, description string) (page []byte, middle picture, err error) {
	sources := make([]string, len(charts))
	start := len(charts) / 2
	if err := sameSize(charts); err != nil {
		return nil, picture{}, err
	}
	for i, c := range charts {
		p := picture{width: c.Width, height: c.Height, description: description}
		var failed error
		p.png, failed = c.PNG()
		if err = errors.Join(failed, p.check()); err != nil {
			return nil, picture{}, err
		}
		sources[i] = dataURL("image/png", p.png)
		if i == start {
			middle = p
		}
	}
	frames, _ := json.Marshal(sources) // strings cannot fail
	words, _ := json.Marshal(labels)
	page = fmt.Appendf(nil, playerPage, html.EscapeString(string(frames)), html.EscapeString(string(words)),
		pixels(middle.width), sources[start], html.EscapeString(description), html.EscapeString(name),
		len(charts)-1, start, html.EscapeString(labels[start]))
	return page, middle, nil
}

// The frames lie in an attribute, which a front end that does not trust the notebook takes away together with the
// script; what it leaves is the picture in the middle.
const playerPage = `<figure data-frames="%[1]s" data-labels="%[2]s" style="margin:0;max-width:%[3]dpx">
<img src="%[4]s" alt="%[5]s" width="%[3]d" style="max-width:100%%;height:auto">
<figcaption><label>%[6]s <input type="range" min="0" max="%[7]d" value="%[8]d" aria-valuetext="%[9]s" style="width:60%%;vertical-align:middle" oninput="
const f = this.closest('figure'), label = JSON.parse(f.dataset.labels)[this.value];
f.querySelector('img').src = JSON.parse(f.dataset.frames)[this.value];
f.querySelector('output').value = label; this.setAttribute('aria-valuetext', label);"></label>
<output>%[9]s</output></figcaption>
</figure>
`
