"""The community's tests of Jupyter kernels, jupyter_kernel_test from PyPI, on this one. Run by kernel_test.sh."""
import jupyter_kernel_test


class GoKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "gonb"
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'import "fmt"\n%%\nfmt.Println("hello, world")'
    code_stderr = 'import ("fmt"; "os")\n%%\nfmt.Fprintln(os.Stderr, "test")'
    completion_samples = [
        {"text": 'import "strings"\n%%\nstrings.ToUpperS', "matches": {"ToUpperSpecial"}},
        {"text": "func zebraLength() {}\n%%\nzebr", "matches": {"zebraLength"}},
    ]
    complete_code_samples = ["%%\nx := 1", "func f() {}", "var x = `\na\n`"]
    incomplete_code_samples = ["func f() {", "var s = `a", "%%\nf(1,"]
    invalid_code_samples = ["func f() }", "func 3"]
    code_generate_error = 'import "os"\n%%\nos.Exit(3)'
    code_inspect_sample = 'import "fmt"\n%%\nfmt.Println'
    code_display_data = [{"code": 'import "github.com/janpfeifer/gonb/gonbui"\n%%\ngonbui.DisplayHTML("<b>1</b>")', "mime": "text/html"}]
