using System.Net.Http.Json;
using System.Text.Json;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>
/// Tests that operators can list consumers over HTTP, and can pause, resume and reset them with the permission.
/// </summary>
public sealed class ConsumerEndpointTests
{
    private const string Root = "/millrace/consumers";

    [Fact]
    public async Task Operators_can_read_their_name_and_permissions()
    {
        await using var app = await OperatorsApp.Start(allowDecisions: false);

        var me = await (await app.Client.GetAsync("/millrace")).Json();

        Assert.Equal(("ada", false), (me.GetProperty("name").GetString(), me.GetProperty("mayDecide").GetBoolean()));
    }

    [Fact]
    public async Task Consumers_are_listed_and_shown()
    {
        await using var app = await Start([]);

        var names = (await (await app.Client.GetAsync(Root)).Json())
            .EnumerateArray()
            .Select(status => status.GetProperty("name").GetString());
        var clerk = await WaitUntil(app, status => status.GetProperty("state").GetString() == "live");

        Assert.Equal(["clerk", "reader-loans@1"], names);
        Assert.Equal(0, clerk.GetProperty("openLetters").GetInt64());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "/nobody")).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.PostAsync(Root + "/nobody/pause", null)).Problem());
    }

    [Fact]
    public async Task A_partitioned_consumer_lists_its_partitions()
    {
        await using var app = await OperatorsApp.Start(
            millrace: millrace => millrace.ConfigureConsumers(options => options.Partitions["reader-loans@1"] = 3));

        await app.Add();
        var loans = await Eventually.Get(
            async () => await (await app.Client.GetAsync(Root + "/reader-loans@1")).Json(),
            status =>
                status.GetProperty("partitions").GetArrayLength() == 3
                && status.GetProperty("partitions")
                    .EnumerateArray()
                    .All(part => part.GetProperty("state").GetString() == "live"));

        var partitions = loans.GetProperty("partitions").EnumerateArray().ToList();
        Assert.Equal([0, 1, 2], partitions.Select(part => part.GetProperty("partition").GetInt32()));
        Assert.All(
            partitions,
            part => Assert.Equal(loans.GetProperty("node").GetString(), part.GetProperty("node").GetString()));
        Assert.Equal(
            loans.GetProperty("checkpoint").GetInt64(),
            partitions.Min(part => part.GetProperty("checkpoint").GetInt64()));
    }

    [Fact]
    public async Task A_paused_consumer_handles_no_events_until_it_is_resumed()
    {
        var handled = new List<long>();
        await using var app = await Start(handled);
        await WaitUntil(app, status => status.GetProperty("state").GetString() == "live");

        var paused = await (await app.Client.PostAsync(Root + "/clerk/pause", null)).Json();
        // The consumer first completes its current work.
        await WaitUntil(app, status => status.GetProperty("state").GetString() == "paused");
        await app.Add();
        var behind = await WaitUntil(app, status => status.GetProperty("lagEvents").GetInt64() == 1);
        var seenWhilePaused = handled.Count;
        await app.Client.PostAsync(Root + "/clerk/resume", null);
        await WaitUntil(app, status => status.GetProperty("lagEvents").GetInt64() == 0);

        Assert.True(paused.GetProperty("isPaused").GetBoolean());
        Assert.Equal("paused", behind.GetProperty("state").GetString());
        Assert.Equal((0, 1), (seenWhilePaused, handled.Count));
    }

    [Fact]
    public async Task A_reset_handler_handles_events_again_and_a_read_model_cannot_be_reset()
    {
        var handled = new List<long>();
        await using var app = await Start(handled);
        await app.Add();
        await WaitUntil(app, status => status.GetProperty("checkpoint").GetInt64() == 1);

        await app.Client.PostAsJsonAsync(Root + "/clerk/reset", new { checkpoint = 0 });
        await Eventually.Until(() => handled.Count >= 2);

        Assert.Equal([1, 1], handled);
        Assert.Equal(
            (409, "build-refused"),
            await (await app.Client.PostAsync(Root + "/reader-loans@1/reset", null)).Problem());
        Assert.Equal(
            (400, "malformed-request"),
            await (await app.Client.PostAsJsonAsync(Root + "/clerk/reset", new { checkpoint = -1 })).Problem());
    }

    private static Task<LibraryApp> Start(List<long> handled) => OperatorsApp.Start(millrace: millrace => millrace
        .AddConsumer(_ => ConsumerDefinition.Each("clerk", EventFilter.OfTypes("book.added"), (recorded, _) =>
        {
            handled.Add(recorded.Position);
            return ValueTask.CompletedTask;
        })));

    private static Task<JsonElement> WaitUntil(LibraryApp app, Func<JsonElement, bool> condition) =>
        Eventually.Get(async () => await (await app.Client.GetAsync(Root + "/clerk")).Json(), condition);
}
