using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests a node in a separate program that is killed after the first commit that removes expired documents or old
/// events.
/// </summary>
public sealed class ExpiringKillTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-expiring-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(ExpiringNode.Documents)]
    [InlineData("inline-" + ExpiringNode.Documents)]
    [InlineData(ExpiringNode.Events)]
    public Task The_next_node_removes_the_rest_on_SQLite(string removal) =>
        Check(Path.Combine(_directory, "store.db"), removal);

    [PostgreSqlFact]
    public async Task The_next_node_removes_the_rest_on_PostgreSQL()
    {
        await using var server = await PostgreSqlServer.Start();
        await Task.WhenAll(
            Check(await KilledStep.AddressOf(server), ExpiringNode.Documents),
            Check(await KilledStep.AddressOf(server), ExpiringNode.Events));
    }

    private static async Task Check(string address, string removal)
    {
        await KilledStep.Run(address, ExpiringNode.Committed, (ExpiringNode.Variable, removal));
        var killed = await CountAfterKill(address);
        var isInline = removal.StartsWith("inline-", StringComparison.Ordinal);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var storage = ExpiringNode.Open(address);
        builder.Services.AddMillrace(millrace => ExpiringNode.Configure(millrace, storage, isInline));
        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        // The next event shows that the last one before the kill was not part of an import.
        var token = (await ExpiringNode.Append(store, "young-last", "young", null)).Token;

        await Eventually.Get(
            () => CountDocuments(storage), static count => count == ExpiringNode.Kept + 1, KilledStep.WaitTimeout);
        var check = await host.Services.GetRequiredService<Projections>().Check(
            $"{ExpiringNode.Projection}@1", KilledStep.WaitTimeout);
        if (removal == ExpiringNode.Events)
            await CheckEvents(host, store, killed.Events);
        else
            Assert.InRange(killed.Documents, ExpiringNode.Kept + 1, ExpiringNode.Kept + ExpiringNode.Expired - 1);
        if (!isInline)
            await CheckRows(host, token);
        var verification = await store.Verify();
        await host.StopAsync();

        Assert.Empty(check.Differences);
        Assert.True(verification.IsSound);
    }

    /// <summary>Checks that the run of the killed node has ended, and that the old streams are empty.</summary>
    private static async Task CheckEvents(IHost host, EventStore store, long eventsAfterKill)
    {
        var retention = host.Services.GetRequiredService<RetentionService>();
        var run = await Eventually.Get(
            async () => Assert.Single(await retention.List()),
            static run => run.EndedAt is not null,
            KilledStep.WaitTimeout);

        Assert.InRange(eventsAfterKill, ExpiringNode.Kept + 1, ExpiringNode.Kept + ExpiringNode.Expired - 1);
        Assert.Equal((ExpiringNode.Expired, ExpiringNode.Expired), (run.Streams, run.Events));
        Assert.Equal(ExpiringNode.Kept + 1, await CountEvents(store));
    }

    /// <summary>Checks that the view counts only documents that remain.</summary>
    private static async Task CheckRows(IHost host, ConsistencyToken token)
    {
        var view = host.Services.GetRequiredService<IMaterializedView<string, TopicNotes>>();
        var after = new ReadAfter(token, KilledStep.WaitTimeout);
        var rows = await Eventually.Get(
            async () => await view.Query(new ReadQuery(), after),
            static rows => rows.State.Problem is null,
            KilledStep.WaitTimeout);

        Assert.Equal([new TopicNotes("young", ExpiringNode.Kept + 1)], rows.Items);
    }

    private static async Task<(long Documents, long Events)> CountAfterKill(string address)
    {
        var storage = ExpiringNode.Open(address);
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        return (await CountDocuments(storage), await CountEvents(store));
    }

    private static async Task<long> CountDocuments(IStorage storage) =>
        await storage.Documents.Count($"{ExpiringNode.Projection}@1", [], CancellationToken.None);

    private static async Task<long> CountEvents(EventStore store) =>
        await store.Count(EventFilter.OfTypes("note.kept"));
}
