using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that an application with only a model reports errors where they occur.</summary>
public sealed class PlainApplicationTests
{
    [Theory]
    [InlineData("/own/Ada?after=xyz", null, "not a consistency token")]
    [InlineData("/own/Ada", "xyz", "not a consistency token")]
    [InlineData("/own/Ada?wait=soon", null, "wait must be a duration")]
    [InlineData("/own?after=xyz", null, "not a consistency token")]
    public async Task A_malformed_token_or_wait_returns_the_cause(string path, string? header, string message)
    {
        await using var app = await Start();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (header is not null)
            request.Headers.Add(MillraceHeaders.Token, header);

        var answer = await client.SendAsync(request);

        Assert.Equal((400, "bad-request"), await answer.Problem());
        Assert.Contains(message, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_model_with_another_key_type_fails_and_names_the_registered_one()
    {
        await using var app = await Start();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        var wrong = await client.GetAsync($"/wrong/{Guid.CreateVersion7()}");
        Assert.Equal((500, "not-in-model"), await wrong.Problem());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/own/Nobody")).StatusCode);
        var refused = Assert.Throws<ReadModelNotFoundException>(
            app.Services.GetRequiredService<IReadModel<Guid, ReaderLoans>>);
        Assert.Equal(
            "No projection has documents of type ReaderLoans with keys of type Guid: there is one with String keys.",
            refused.Message);
        var unknown = Assert.Throws<ReadModelNotFoundException>(
            app.Services.GetRequiredService<IReadModel<Guid, Version>>);
        Assert.Contains("write a Projection<Guid, Version>", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_type_that_is_not_a_command_or_a_query_cannot_be_mapped()
    {
        await using var app = await Start();

        Assert.Contains("is not a command", Refusal(() => app.MapCommand<ReaderLoans>("/x")), StringComparison.Ordinal);
        Assert.Contains("is not a command", Refusal(() => app.MapCommand<CountLoans>("/x")), StringComparison.Ordinal);
        Assert.Contains("is not a query", Refusal(() => app.MapQuery<LendBook>("/x")), StringComparison.Ordinal);
        Assert.Throws<HandlerNotFoundException>(() => app.MapCommand<Unhandled>("/x"));
    }

    [Fact]
    public void An_application_without_Millrace_is_told_to_add_it()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddMillraceProblemDetails();
        var app = builder.Build();

        var command = Assert.Throws<InvalidOperationException>(() => app.MapCommand<LendBook>("/x"));
        var json = Assert.Throws<InvalidOperationException>(
            () => app.Services.GetRequiredService<IOptions<JsonOptions>>().Value);

        Assert.Contains("AddMillrace(…)", command.Message, StringComparison.Ordinal);
        Assert.Equal(command.Message, json.Message);
    }

    private static string Refusal(Action map) => Assert.Throws<ArgumentException>(map).Message;

#pragma warning disable MILL0056 // The test needs a command without a handler.
    private sealed record Unhandled : ICommand;
#pragma warning restore MILL0056

    private static async Task<WebApplication> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillraceProblemDetails();
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<Library>());
        var app = builder.Build();
        app.UseMillraceProblemDetails();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet(
            "/own/{reader}",
            (string reader, RequestToken after, IReadModel<string, ReaderLoans> loans, CancellationToken stop) =>
                loans.Get(reader, after, stop).ToResult());
        app.MapGet(
            "/own",
            (RequestToken after, IReadModel<string, ReaderLoans> loans, CancellationToken stop) =>
                loans.Query(new ReadQuery(), after, stop).ToResult());
        app.MapGet(
            "/wrong/{id}",
            (Guid id, IReadModel<Guid, ReaderLoans> loans, CancellationToken stop) =>
                loans.Get(id, default, stop).ToResult());
        await app.StartAsync();
        return app;
    }
}
