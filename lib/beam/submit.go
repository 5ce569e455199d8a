package beam

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// submit runs a pipeline by Beam's portable job service and waits until it is done. Nothing is staged: the workers come from a
// pool, which has the program. The id is that of the job, if one was started, and the number of bytes that of
// the pipeline that is sent. If ctx ends, or what watch returns, the job is cancelled.
func submit(ctx context.Context, client jobpb.JobServiceClient, p *apache.Pipeline, name, pool string, parallelism int, watch func(context.Context, string) (context.Context, context.CancelFunc)) (id string, bytes int, err error) {
	edges, _, err := p.Build()
	if err != nil {
		return "", 0, err
	}
	env, err := graphx.CreateEnvironment(ctx, graphx.URNEnvExternal, func(context.Context) string { return pool })
	if err != nil {
		return "", 0, err
	}
	env.Dependencies = nil
	pipeline, err := graphx.Marshal(edges, &graphx.Options{Environment: env})
	if err != nil {
		return "", 0, err
	}
	options := map[string]any{"beam:option:experiments:v1": []any{"beam_fn_api"}, "beam:option:job_name:v1": name, "beam:option:app_name:v1": name}
	if parallelism > 0 {
		options["beam:option:parallelism:v1"] = float64(parallelism)
	}
	st, err := structpb.NewStruct(options)
	if err != nil {
		return "", 0, err
	}
	bytes = proto.Size(pipeline)
	prepared, err := client.Prepare(ctx, &jobpb.PrepareJobRequest{Pipeline: pipeline, PipelineOptions: st, JobName: name})
	if err != nil {
		return "", bytes, fmt.Errorf("the job was not accepted: %w", err)
	}
	if err := stageNothing(ctx, prepared); err != nil {
		return "", bytes, err
	}
	// A call that is broken off may still start the job, and nobody would know its id.
	if err := ctx.Err(); err != nil {
		return "", bytes, err
	}
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	ran, err := client.Run(whole, &jobpb.RunJobRequest{PreparationId: prepared.GetPreparationId(), RetrievalToken: prepared.GetStagingSessionToken()})
	if err != nil {
		return "", bytes, fmt.Errorf("the job was not started: %w", err)
	}
	id = ran.GetJobId()
	ctx, done := watch(ctx, id)
	defer done()
	err = wait(ctx, client, id)
	if ctx.Err() != nil {
		// The job must not go on without the driver. The engine gets a moment to answer.
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		client.Cancel(stop, &jobpb.CancelJobRequest{JobId: id})
		return id, bytes, context.Cause(ctx)
	}
	return id, bytes, err
}

// stageNothing goes through the protocol for artifacts, of which there are none: Flink's job server waits for its end.
func stageNothing(ctx context.Context, prepared *jobpb.PrepareJobResponse) error {
	cc, err := grpc.NewClient(prepared.GetArtifactStagingEndpoint().GetUrl(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("the service for artifacts: %w", err)
	}
	defer cc.Close()
	stream, err := jobpb.NewArtifactStagingServiceClient(cc).ReverseArtifactRetrievalService(grpcx.WriteWorkerID(ctx, prepared.GetPreparationId()))
	if err != nil {
		return fmt.Errorf("the service for artifacts: %w", err)
	}
	if err := stream.Send(&jobpb.ArtifactResponseWrapper{StagingToken: prepared.GetStagingSessionToken()}); err != nil {
		return fmt.Errorf("the service for artifacts: %w", err)
	}
	for {
		in, err := stream.Recv()
		if err == io.EOF {
			return stream.CloseSend()
		}
		if err != nil {
			return fmt.Errorf("the service for artifacts: %w", err)
		}
		r, ok := in.GetRequest().(*jobpb.ArtifactRequestWrapper_ResolveArtifact)
		if !ok {
			return fmt.Errorf("the engine asks for a file, and none was named: %v", in)
		}
		if err := stream.Send(&jobpb.ArtifactResponseWrapper{Response: &jobpb.ArtifactResponseWrapper_ResolveArtifactResponse{
			ResolveArtifactResponse: &jobpb.ResolveArtifactsResponse{Replacements: r.ResolveArtifact.GetArtifacts()}}}); err != nil {
			return err
		}
	}
}

// wait follows the job's messages until its last state.
func wait(ctx context.Context, client jobpb.JobServiceClient, id string) error {
	stream, err := client.GetMessageStream(ctx, &jobpb.JobMessagesRequest{JobId: id})
	if err != nil {
		return err
	}
	var said []string
	for {
		m, err := stream.Recv()
		if err != nil && err != io.EOF {
			return fmt.Errorf("the engine is gone: %w", err)
		}
		if r := m.GetMessageResponse(); r != nil && r.GetImportance() >= jobpb.JobMessage_JOB_MESSAGE_ERROR {
			said = append(said, strings.TrimSpace(r.GetMessageText()))
		}
		state := m.GetStateResponse().GetState()
		if err == io.EOF {
			now, err := client.GetState(ctx, &jobpb.GetJobStateRequest{JobId: id})
			if err != nil {
				return err
			}
			state = now.GetState()
			if state != jobpb.JobState_DONE && state != jobpb.JobState_FAILED && state != jobpb.JobState_CANCELLED {
				return fmt.Errorf("the engine stopped sending messages in state %v", state)
			}
		}
		switch state {
		case jobpb.JobState_DONE:
			return nil
		case jobpb.JobState_CANCELLED:
			return errors.New("the job was cancelled")
		case jobpb.JobState_FAILED:
			if len(said) == 0 && err == nil {
				continue // Prism says why after it has said that
			}
			return fmt.Errorf("the job failed: %s", strings.Join(said, "; "))
		}
	}
}
