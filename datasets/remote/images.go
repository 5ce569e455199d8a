package remote

import (
	"compress/gzip"
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/format"
)

// An imageSet is four gzipped IDX files, in the order of idxFiles, and their description.
type imageSet struct {
	about datasets.Dataset
	files [4]Source
}

var idxFiles = [4]string{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"}

// sources makes the four sources below folder from the addresses that they are published at.
func sources(folder string, bases []string, sizes [4]int64, sha256, md5 [4]string) (s [4]Source) {
	for k, name := range idxFiles {
		s[k] = Source{Name: folder + "/" + name, Size: sizes[k], SHA256: sha256[k], MD5: md5[k]}
		for _, base := range bases {
			s[k].URLs = append(s[k].URLs, base+name)
		}
	}
	return s
}

// MNIST returns handwritten digits: 60 000 images for training and 10 000 for
// testing, 28×28 = 784 pixels row by row from the top left, grey levels from 0
// (paper) to 255 (ink). It downloads 12 MB in four files once. As float64 the images
// take 376 MB and 63 MB of memory; keep a Subset if that is too much.
//
// The files come from a mirror of the PyTorch project, or else from one of
// TensorFlow. They are checked against the same SHA-256 sums, and the MD5 sums that
// torchvision states. It returns the errors of [Source.Fetch].
//
// Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
// Proceedings of the IEEE 86 (1998).
func MNIST(ctx context.Context, opt Options) (train, test *datasets.Dataset, err error) {
	return mnist().load(ctx, opt)
}

func mnist() imageSet {
	return imageSet{
		about: datasets.Dataset{
			Name:     "mnist",
			Classes:  []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
			Target:   "digit",
			Title:    "MNIST handwritten digits, 28×28 pixels",
			Source:   "Y. LeCun, C. Cortes, C. Burges, yann.lecun.com/exdb/mnist, made from NIST's special databases 1 and 3",
			Licence:  "CC BY-SA 3.0, as stated by Keras; copyright Y. LeCun and C. Cortes",
			Citation: `LeCun, Y., Bottou, L., Bengio, Y. and Haffner, P. (1998). "Gradient-based learning applied to document recognition". Proceedings of the IEEE 86(11), 2278–2324.`,
		},
		files: sources("mnist",
			[]string{"https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"},
			[4]int64{9912422, 28881, 1648877, 4542},
			[4]string{
				"440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
				"3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
				"8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
				"f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
			},
			[4]string{
				"f68b3c2dcbeaaa9fbdd348bbdeb94873",
				"d53e105ee54ea40749a09fcbcd1e9432",
				"9fb629c4189551a2d022fa330f9573f3",
				"ec29112dd5afa0611ce80d1b7f02629c",
			}),
	}
}

// FashionMNIST returns images of clothes, a harder task in the format of [MNIST]: 60
// 000 for training and 10 000 for testing, 28×28 pixels, ten classes. It downloads 31
// MB once and takes as much memory as MNIST.
//
// The address and the MD5 sums are the publisher's; the SHA-256 sums are those that
// several projects state for files with these MD5 sums. The address is http: the
// checksums protect the content. It returns the errors of [Source.Fetch].
//
// Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
// Algorithms", arXiv:1708.07747 (2017).
func FashionMNIST(ctx context.Context, opt Options) (train, test *datasets.Dataset, err error) {
	return fashionMNIST().load(ctx, opt)
}

func fashionMNIST() imageSet {
	return imageSet{
		about: datasets.Dataset{
			Name: "fashion_mnist",
			Classes: []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
				"Bag", "Ankle boot"},
			Target:   "article",
			Title:    "Fashion-MNIST, 28×28 pixels",
			Source:   "Zalando Research, github.com/zalandoresearch/fashion-mnist",
			Licence:  "MIT, copyright 2017 Zalando SE",
			Citation: `Xiao, H., Rasul, K. and Vollgraf, R. (2017). "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms". arXiv:1708.07747.`,
		},
		files: sources("fashion-mnist",
			[]string{"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"},
			[4]int64{26421880, 29515, 4422102, 5148},
			[4]string{
				"3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
				"a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
				"346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
				"67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
			},
			[4]string{
				"8d4fb7e6c68d591d4c3dfef9ec88bf0d",
				"25c81989df183df01b3e8a0aad5dffbe",
				"bef4ecab320f06d8554ea6380940ec79",
				"bb300cfdad3c16e7a12a480ee83cd310",
			}),
	}
}

const maxPixels = 1 << 26 // MNIST's training pictures have 47 million

func (s imageSet) load(ctx context.Context, opt Options) (train, test *datasets.Dataset, err error) {
	if train, err = s.part(ctx, opt, s.files[0], s.files[1]); err != nil {
		return nil, nil, err
	}
	if test, err = s.part(ctx, opt, s.files[2], s.files[3]); err != nil {
		return nil, nil, err
	}
	train.Name, train.Title = s.about.Name+"_train", s.about.Title+": training set"
	test.Name, test.Title = s.about.Name+"_test", s.about.Title+": test set"
	return train, test, nil
}

// part reads a file of pictures and the file of their labels.
func (s imageSet) part(ctx context.Context, opt Options, imageFile, labelFile Source) (*datasets.Dataset, error) {
	images, err := fetchIDX(ctx, opt, imageFile)
	if err != nil {
		return nil, err
	}
	labels, err := fetchIDX(ctx, opt, labelFile)
	if err != nil {
		return nil, err
	}
	if len(images.Shape) != 3 || len(labels.Shape) != 1 || images.Shape[0] != labels.Shape[0] {
		return nil, fmt.Errorf("remote: %s has dimensions %v and %s %v: want m×rows×columns and m", imageFile.Name, images.Shape, labelFile.Name, labels.Shape)
	}
	m, rows, columns := images.Shape[0], images.Shape[1], images.Shape[2]
	d := s.about
	d.Classes = slices.Clone(d.Classes)
	for i := range rows * columns {
		d.Features = append(d.Features, fmt.Sprintf("pixel_%d_%d", i/columns, i%columns))
		d.Units = append(d.Units, "grey, 0 to 255")
	}
	d.X = mat.NewDense(m, rows*columns, images.Data)
	d.Y = mat.NewDense(m, 1, labels.Data)
	for i, k := range labels.Data {
		if int(k) >= len(d.Classes) {
			return nil, fmt.Errorf("remote: %s: label %g of picture %d, want less than %d", labelFile.Name, k, i, len(d.Classes))
		}
	}
	return &d, nil
}

// fetchIDX returns an array of bytes, the one kind that these files hold.
func fetchIDX(ctx context.Context, opt Options, s Source) (format.Tensor, error) {
	f, err := s.Open(ctx, opt)
	if err != nil {
		return format.Tensor{}, err
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return format.Tensor{}, fmt.Errorf("remote: %s: %w", s.Name, err)
	}
	a, err := format.ReadIDX(unpacked, maxPixels)
	if err == nil && a.Type != format.Uint8 {
		err = fmt.Errorf("numbers of type %s, want uint8", a.Type)
	}
	if err != nil {
		return format.Tensor{}, fmt.Errorf("remote: %s: %w", s.Name, err)
	}
	return a, nil
}
