// Makes the calls of ClientTests.swift with the generated client, and prints what came of each, a line each.
//
// Usage: catalogue SERVICE KEY OPERATIONS REPLAY TOKENS, where TOKENS is a file of "code token" lines.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"heartbeat/client"
)

const slashed = "AAAAKgAAAAEAAAAAAAAAAu/l+EXAMPLE=="

// An API of the service at the address, whatever the document says.
func api(url string) *client.APIClient {
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: url}}
	configuration.OperationServers = nil
	return client.NewAPIClient(configuration)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func refusal(ctx context.Context, api *client.APIClient, token string) string {
	_, response, err := api.HeartbeatsAPI.RecordHeartbeat(ctx, token).Execute()
	var refused *client.GenericOpenAPIError
	if !errors.As(err, &refused) {
		return "none"
	}
	problem, ok := refused.Model().(client.Problem)
	if !ok {
		return "no problem: " + refused.Error()
	}
	return fmt.Sprintf("%s %d %t", problem.Code, response.StatusCode, problem.Retryable)
}

func good(ctx context.Context, api *client.APIClient) {
	for _, details := range []interface{}{"50%", map[string]interface{}{"rows": []interface{}{1, 2.5, nil}}} {
		heartbeat := client.NewHeartbeat()
		heartbeat.SetDetails(details)
		answer, _, err := api.HeartbeatsAPI.RecordHeartbeat(ctx, slashed).Heartbeat(*heartbeat).Execute()
		must(err)
		fmt.Println("recorded", answer.CancelRequested)
	}
	withToken := client.NewHeartbeatWithToken(slashed)
	withToken.SetDetails("75%")
	answer, _, err := api.HeartbeatsAPI.RecordHeartbeatByBody(ctx).HeartbeatWithToken(*withToken).Execute()
	must(err)
	fmt.Println("recorded", answer.CancelRequested)

	summary, _, err := api.AuditAPI.GetTask(ctx, slashed).Execute()
	must(err)
	fmt.Println("task", summary.Count, summary.LastHeartbeat.Outcome, summary.LastHeartbeat.GetDetails())
	page, _, err := api.AuditAPI.GetTaskHeartbeats(ctx, slashed).Limit(2).Execute()
	must(err)
	fmt.Println("page", page.Heartbeats[0].GetDetails(), page.Heartbeats[1].GetDetails())
	page, _, err = api.AuditAPI.GetTaskHeartbeats(ctx, slashed).Limit(2).Before(page.GetNext()).Execute()
	must(err)
	if len(page.Heartbeats) != 1 || page.HasNext() {
		log.Fatal("the second page is not the last")
	}
	fmt.Println("page", page.Heartbeats[0].GetDetails(), "end")

	front, _, err := api.DocumentationAPI.GetFrontPage(ctx).Execute()
	must(err)
	fmt.Println("front", front.Problems)
	problem, _, err := api.DocumentationAPI.GetProblem(ctx, client.UNKNOWN_TASK).Execute()
	must(err)
	fmt.Println("problem", problem.Responsible)
	problems, _, err := api.DocumentationAPI.GetProblems(ctx).Execute()
	must(err)
	fmt.Println("problems", len(problems.Problems))
	document, _, err := api.DocumentationAPI.GetOpenApiJson(ctx).Execute()
	must(err)
	fmt.Println("document", document.Openapi)
}

func main() {
	service, key, operations, replay, tokens := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	ctx := context.WithValue(context.Background(), client.ContextAccessToken, key)
	good(ctx, api(service))

	lines, err := os.ReadFile(tokens)
	must(err)
	for _, line := range strings.Split(strings.TrimSpace(string(lines)), "\n") {
		code, token, _ := strings.Cut(line, " ")
		fmt.Println("service", code, refusal(ctx, api(service), token))
	}

	health := api(operations).OperationsAPI
	live, _, err := health.GetLiveness(ctx).Execute()
	must(err)
	fmt.Println("live", strings.TrimSpace(live))
	ready, _, err := health.GetReadiness(ctx).Execute()
	must(err)
	fmt.Println("ready", ready.Ready)
	metrics, _, err := health.GetMetrics(ctx).Execute()
	must(err)
	fmt.Println("metrics", strings.Contains(metrics, "heartbeat_requests_total"))

	for _, code := range client.AllowedErrorCodeEnumValues {
		fmt.Println("replay", code, refusal(ctx, api(replay), string(code)))
	}
}
