package plots

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"image"
	"image/gif"
	"time"

	"github.com/descent-go/descent/internal/display"
)

// GIF returns a repeating animation with the charts as frames. Each is shown for the
// given time, the last one for two seconds. A pixel is a CSS pixel, and a frame holds
// only what has changed, which keeps the file small. The charts must have the same
// size. The error is the first chart's error.
func GIF(frame time.Duration, charts ...*Chart) ([]byte, error) {
	if len(charts) == 0 {
		return nil, errors.New("plots: an animation needs at least one chart")
	}
	if err := sameSize(charts); err != nil {
		return nil, err
	}
	var out gif.GIF
	var before *image.RGBA
	for _, c := range charts {
		if err := c.Err(); err != nil {
			return nil, err
		}
		now := c.canvas(defaultDPI / 2)
		out.Image = append(out.Image, reduce(changed(before, now)))
		out.Delay = append(out.Delay, int(frame/(10*time.Millisecond)))
		before = now
	}
	out.Delay[len(charts)-1] = 200
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, &out); err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	return file.Bytes(), nil
}

// changed copies the smallest rectangle in which two pictures differ; a pixel, if they do not.
func changed(before, now *image.RGBA) *image.RGBA {
	box := image.Rectangle{}
	if before == nil {
		return now
	}
	for y := range now.Rect.Dy() {
		row := now.Pix[y*now.Stride : (y+1)*now.Stride]
		old := before.Pix[y*before.Stride : (y+1)*before.Stride]
		if bytes.Equal(row, old) {
			continue
		}
		first, last := 0, now.Rect.Dx()-1
		for bytes.Equal(row[4*first:4*first+4], old[4*first:4*first+4]) {
			first++
		}
		for bytes.Equal(row[4*last:4*last+4], old[4*last:4*last+4]) {
			last--
		}
		box = box.Union(image.Rect(first, y, last+1, y+1))
	}
	if box.Empty() {
		box = image.Rect(0, 0, 1, 1)
	}
	part := image.NewRGBA(box)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		copy(part.Pix[part.PixOffset(box.Min.X, y):], now.Pix[now.PixOffset(box.Min.X, y):now.PixOffset(box.Max.X, y)])
	}
	return part
}

// Animate shows an animation of the charts (see [GIF]) in the cell. The last chart
// appears instead in print, for readers who prefer reduced motion, and where HTML is
// not rendered. The description is the text alternative.
//
// Outside a notebook Animate writes a GIF file. It panics as [Show] does.
func Animate(frame time.Duration, charts []*Chart, description string) {
	moving, err := GIF(frame, charts...)
	p := picture{description: description}
	if err = errors.Join(err, p.check()); err != nil {
		panic(err)
	}
	last := charts[len(charts)-1]
	if !display.Notebook() {
		write(slug(last.Plot.Title.Text)+".gif", moving, description)
		return
	}
	p.width, p.height = last.size()
	if p.png, err = last.still(); err != nil {
		panic(err)
	}
	d := p.bundle("")
	d.Content[display.HTML] = fmt.Sprintf(`<picture><source media="print, (prefers-reduced-motion: reduce)" srcset="%s">
<img src="%s" alt="%s" width="%d" style="max-width:100%%;height:auto"></picture>`,
		dataURL("image/png", p.png), dataURL("image/gif", moving), html.EscapeString(description), pixels(p.width))
	send(d)
}

func dataURL(mime string, data []byte) string {
	return "data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(data)
}
