using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests of the removal of a tenant from a shared log.</summary>
public sealed class TenantRemovalTests
{
    private static readonly TenantId Acme = new("acme");

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task All_data_of_a_tenant_is_removed_with_a_record_and_nothing_of_others(TenantStorageKind kind)
    {
        using var place = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(place);
        foreach (var tenant in new[] { "acme", "acme2", "zoo" })
            await Fill(app, tenant);

        Assert.True(await app.Tenants.Remove(Acme));
        Assert.False(await app.Tenants.Remove(Acme));

        Assert.Equal(["acme2", "zoo"], (await app.Tenants.List()).Select(tenant => tenant.Value));
        // It would be recreated on demand.
        var refused = await Assert.ThrowsAsync<StorageException>(() => app.Enter("acme"));
        Assert.Contains("closed permanently", refused.Message, StringComparison.Ordinal);
        await using var whole = await place.OpenWhole();
        var left = await whole.ReadLog(EventFilter.InStreams("acme/")).ToListAsync();
        Assert.All(left, recorded => Assert.Equal("tenant.removed", recorded.Type));
        Assert.All(
            await whole.ListStreams("acme/").ToListAsync(), stream => Assert.Equal(StreamState.Closed, stream.State));
        Assert.DoesNotContain(
            await whole.Storage.Documents.List(default),
            info => info.Definition.Name.StartsWith("acme/", StringComparison.Ordinal));
        Assert.DoesNotContain(
            await whole.Storage.Leases.List(default),
            record => record.Consumer.StartsWith("acme/", StringComparison.Ordinal));
        Assert.Null(await whole.FindClaim("acme/email", "a@example.org"));
        var report = await whole.Verify();
        Assert.True(report.IsSound, string.Join(" ", report.Checks.SelectMany(check => check.Problems)));
        Assert.Equal((6L, 0L), (report.RemovedEvents, report.LostEvents));
        var records = (await whole.ListRemovals()).Where(record => record.Kind == RemovalKind.Tombstone).ToList();
        Assert.Equal(
            ["acme/ship-ada", "acme/ship-bob", "acme/ship-eve"],
            records.Select(record => record.Stream.Value).Order());
        Assert.All(records, record => Assert.Contains("acme was removed", record.Reason, StringComparison.Ordinal));
        foreach (var other in new[] { "acme2", "zoo" })
            await ExpectWhole(app, other);
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task An_interrupted_removal_is_completed_by_a_repetition(TenantStorageKind kind)
    {
        using var place = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(place);
        for (var i = 0; i < 300; i++)
            await app.Append("acme", $"ship{i}", new Loaded($"ship{i}", 1));
        await using var whole = await place.OpenWhole();

        using var interrupted = new CancellationTokenSource();
        var removing = app.Tenants.Remove(Acme, interrupted.Token).AsTask();
        await Eventually.Is(async () => (await whole.ListRemovals()).Count, count => count > 5, TestNode.WaitTimeout);
        await interrupted.CancelAsync();
        await Record.ExceptionAsync(() => removing); // It may have completed.
        var isLetIn = await app.Tenants.Exists(Acme);
        await app.Tenants.Remove(Acme);

        Assert.False(isLetIn);
        Assert.All(
            await whole.ListStreams("acme/").ToListAsync(), stream => Assert.Equal(StreamState.Closed, stream.State));
        var report = await whole.Verify();
        Assert.Equal((true, 0L), (report.IsSound, report.LostEvents));
        // Streams whose last event alone was written have it twice.
        Assert.InRange(report.RemovedEvents, 300, 400);
    }

    [Fact]
    public async Task A_node_that_runs_a_tenant_does_not_prevent_its_removal()
    {
        using var place = await TenantTestStore.Create(TenantStorageKind.OneMemory);
        await using (var writes = await TenantApp.Start(
            place, configure: millrace => millrace.ConfigureConsumers(options => options.IsEnabled = false)))
        {
            await writes.Append("acme", "ada", new Loaded("ada", 1));
        }
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await TenantApp.Start(
            place,
            configure: millrace => millrace.AddConsumer("clerk", EventFilter.All, async (_, cancel) =>
            {
                begun.TrySetResult();
                await goesOn.Task.WaitAsync(cancel);
            }));
        await begun.Task.WaitAsync(TestNode.WaitTimeout); // Only the node has opened it.

        var removing = app.Tenants.Remove(Acme).AsTask();
        goesOn.SetResult();

        Assert.True(await removing);
        Assert.False(await app.Tenants.Exists(Acme));
    }

    /// <summary>Adds six events in three streams, one of them deleted; a claim, and a read model.</summary>
    private static async Task Fill(TenantApp app, string tenant)
    {
        var token = await app.Append(tenant, "ada", new Loaded("ada", 1), new Loaded("ada", 2), new Loaded("ada", 3));
        await app.Append(tenant, "bob", new Loaded("bob", 4), new Loaded("bob", 5));
        await app.Append(tenant, "eve", new Loaded("eve", 6));
        await using var scope = await app.Enter(tenant);
        await scope.Store.Delete(Harbour.StreamOf("eve"), ExpectedVersion.Any, "a slip");
        await scope.Store.TryCommit(
            new CommitRequest { Claims = [Claim.Take("email", "a@example.org", "ada")] }, isBackground: false, default);
        Assert.Equal(6, (await scope.ReadModel<string, Cargo>().Get("ada", token)).Value!.Crates);
    }

    private static async Task ExpectWhole(TenantApp app, string tenant)
    {
        await using var scope = await app.Enter(tenant);
        Assert.Equal(6, (await scope.ReadModel<string, Cargo>().Get("ada")).Value!.Crates);
        Assert.Equal(
            5,
            await scope
                .Store.ReadLog(EventFilter.All)
                .CountAsync(recorded => recorded.Stream != Harbour.StreamOf("eve")));
        Assert.Equal("ada", await scope.Store.FindClaim("email", "a@example.org"));
    }
}
