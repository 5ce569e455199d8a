// Package manifest reads the manifests for Kubernetes in this repository as Kubernetes does. It is in this module so that the
// library needs nothing of Kubernetes.
package manifest

import (
	"os"
	"slices"
	"strconv"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// TestIndexedJob: each field of the job is one that Kubernetes has, and the shares are as many as its indexes.
func TestIndexedJob(t *testing.T) {
	b, err := os.ReadFile("../../../../examples/indexed/job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var job batch.Job
	if err := yaml.UnmarshalStrict(b, &job); err != nil {
		t.Fatal(err)
	}
	s := job.Spec
	if job.APIVersion != "batch/v1" || job.Kind != "Job" {
		t.Errorf("%s %s, want batch/v1 Job", job.APIVersion, job.Kind)
	}
	if s.CompletionMode == nil || *s.CompletionMode != batch.IndexedCompletion || s.Completions == nil {
		t.Fatalf("the job is not indexed: %+v", s)
	}
	pod := s.Template.Spec
	if pod.RestartPolicy != core.RestartPolicyNever || s.BackoffLimitPerIndex == nil {
		t.Error("backoffLimitPerIndex needs the restart policy Never, and is what starts a share again")
	}
	c := pod.Containers[0]
	if i := slices.Index(c.Args, "-shares"); i < 0 || c.Args[i+1] != strconv.Itoa(int(*s.Completions)) {
		t.Errorf("%d completions and the arguments %q: each index is a share", *s.Completions, c.Args)
	}
	if c.Resources.Limits.Memory().Cmp(*c.Resources.Requests.Memory()) < 0 {
		t.Error("less memory is allowed than asked for")
	}
	for _, m := range c.VolumeMounts {
		if !slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == m.Name }) {
			t.Errorf("there is no volume %q", m.Name)
		}
	}
	// The strict reader finds what a lenient one lets pass.
	if err := yaml.UnmarshalStrict(append(b, "  backofLimit: 3\n"...), new(batch.Job)); err == nil {
		t.Error("a field that does not exist was taken")
	}
}
