using System.Net;
using System.Text.Json;
using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>
/// Tests the HTTP endpoint that shows the state of the brokers to operators. The tests of the Redis transport cover
/// messages that wait for a retry.
/// </summary>
public sealed class TransportEndpointTests
{
    private const string Root = "/millrace/transports";

    [Fact]
    public async Task A_broker_is_listed_with_its_state_time_and_error()
    {
        var broker = new InMemoryBroker();
        await using var app = await OperatorsApp.Start(millrace: millrace =>
            millrace.UseInMemoryTransport(
                transport =>
                    transport.Receive(
                        "audit", "books", receiver => receiver.Handle<BookAdded>((_, _, _) => ValueTask.CompletedTask)),
                broker));

        var connected = await WaitUntil(app, "connected");
        broker.MakeUnavailable();
        var unavailable = await WaitUntil(app, "unavailable");

        Assert.Equal(
            ("memory", "memory"),
            (connected.GetProperty("name").GetString(), connected.GetProperty("system").GetString()));
        Assert.False(connected.TryGetProperty("problem", out _));
        Assert.Empty(connected.GetProperty("retries").EnumerateArray());
        Assert.StartsWith(
            "The broker 'memory' is not available",
            unavailable.GetProperty("problem").GetString(),
            StringComparison.Ordinal);
        Assert.True(
            unavailable.GetProperty("since").GetDateTimeOffset() >= connected.GetProperty("since").GetDateTimeOffset());
    }

    [Fact]
    public async Task Without_transports_the_list_is_empty_and_must_not_be_cached()
    {
        await using var app = await OperatorsApp.Start();

        var response = await app.Client.GetAsync(Root);

        Assert.Equal((HttpStatusCode.OK, "no-store"), (response.StatusCode, response.Headers.CacheControl?.ToString()));
        Assert.Empty((await response.Json()).EnumerateArray());
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("bob", HttpStatusCode.Forbidden)]
    public async Task Callers_without_the_operator_role_get_no_data(string? user, HttpStatusCode expected)
    {
        await using var app = await OperatorsApp.Start(user: user);

        var response = await app.Client.GetAsync(Root);

        Assert.Equal(expected, response.StatusCode);
    }

    private static Task<JsonElement> WaitUntil(LibraryApp app, string state) => Eventually.Get(
        async () => (await (await app.Client.GetAsync(Root)).Json()).EnumerateArray().Single(),
        broker => broker.GetProperty("state").GetString() == state);
}
