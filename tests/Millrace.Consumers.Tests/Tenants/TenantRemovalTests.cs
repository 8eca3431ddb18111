using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests of the removal of a tenant from a shared store.</summary>
public sealed class TenantRemovalTests
{
    private static readonly TenantId Acme = new("acme");

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task All_data_of_a_tenant_is_removed_with_a_record_and_other_tenants_lose_no_data(
        TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);
        foreach (var tenant in new[] { "acme", "acme2", "zoo" })
            await Fill(app, tenant);

        Assert.True(await app.Tenants.Remove(Acme));
        Assert.False(await app.Tenants.Remove(Acme));

        Assert.Equal(["acme2", "zoo"], (await app.Tenants.List()).Select(tenant => tenant.Value));
        // The application would otherwise create the tenant on demand.
        var refused = await Assert.ThrowsAsync<StorageException>(() => app.Enter("acme"));
        Assert.Contains("closed permanently", refused.Message, StringComparison.Ordinal);
        await using var sharedStore = await testStore.OpenSharedStore();
        var remaining = await sharedStore.ReadLog(EventFilter.InStreams("acme/")).ToListAsync();
        Assert.All(remaining, recorded => Assert.Equal("tenant.removed", recorded.Type));
        Assert.All(
            await sharedStore.ListStreams("acme/").ToListAsync(),
            stream => Assert.Equal(StreamState.Closed, stream.State));
        Assert.DoesNotContain(
            await sharedStore.Storage.Documents.List(default),
            info => info.Definition.Name.StartsWith("acme/", StringComparison.Ordinal));
        Assert.DoesNotContain(
            await sharedStore.Storage.Leases.List(default),
            record => record.Consumer.StartsWith("acme/", StringComparison.Ordinal));
        Assert.Null(await sharedStore.FindClaim("acme/email", "a@example.org"));
        var report = await sharedStore.Verify();
        Assert.True(report.IsSound, string.Join(" ", report.Checks.SelectMany(check => check.Problems)));
        Assert.Equal((6L, 0L), (report.RemovedEvents, report.LostEvents));
        var records = (await sharedStore.ListRemovals()).Where(record => record.Kind == RemovalKind.Tombstone).ToList();
        Assert.Equal(
            ["acme/ship-ada", "acme/ship-bob", "acme/ship-eve"],
            records.Select(record => record.Stream.Value).Order());
        Assert.All(records, record => Assert.Contains("acme was removed", record.Reason, StringComparison.Ordinal));
        foreach (var other in new[] { "acme2", "zoo" })
            await ExpectComplete(app, other);
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task An_interrupted_removal_is_completed_by_a_repetition(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);
        for (var i = 0; i < 300; i++)
            await app.Append("acme", $"ship{i}", new Loaded($"ship{i}", 1));
        await using var sharedStore = await testStore.OpenSharedStore();

        using var interrupted = new CancellationTokenSource();
        var removing = app.Tenants.Remove(Acme, interrupted.Token).AsTask();
        await Eventually.Get(
            async () => (await sharedStore.ListRemovals()).Count, count => count > 5, TestNode.WaitTimeout);
        await interrupted.CancelAsync();
        await Record.ExceptionAsync(() => removing); // The removal may have completed before.
        var exists = await app.Tenants.Exists(Acme);
        await app.Tenants.Remove(Acme);

        Assert.False(exists);
        Assert.All(
            await sharedStore.ListStreams("acme/").ToListAsync(),
            stream => Assert.Equal(StreamState.Closed, stream.State));
        var report = await sharedStore.Verify();
        Assert.Equal((true, 0L), (report.IsSound, report.LostEvents));
        // The interruption can cause a second removal record for some events.
        Assert.InRange(report.RemovedEvents, 300, 400);
    }

    [Fact]
    public async Task A_node_that_runs_a_tenant_does_not_prevent_its_removal()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.OneMemory);
        await using (var writes = await TenantApp.Start(
            testStore, configure: millrace => millrace.ConfigureConsumers(options => options.IsEnabled = false)))
        {
            await writes.Append("acme", "ada", new Loaded("ada", 1));
        }
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var canContinue = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await TenantApp.Start(
            testStore,
            configure: millrace => millrace.AddConsumer("clerk", EventFilter.All, async (_, cancel) =>
            {
                begun.TrySetResult();
                await canContinue.Task.WaitAsync(cancel);
            }));
        await begun.Task.WaitAsync(TestNode.WaitTimeout); // Only the node has opened the tenant.

        var removing = app.Tenants.Remove(Acme).AsTask();
        canContinue.SetResult();

        Assert.True(await removing);
        Assert.False(await app.Tenants.Exists(Acme));
    }

    /// <summary>Adds six events in three streams, a claim and a read model. One of the streams is deleted.</summary>
    private static async Task Fill(TenantApp app, string tenant)
    {
        var token = await app.Append(tenant, "ada", new Loaded("ada", 1), new Loaded("ada", 2), new Loaded("ada", 3));
        await app.Append(tenant, "bob", new Loaded("bob", 4), new Loaded("bob", 5));
        await app.Append(tenant, "eve", new Loaded("eve", 6));
        await using var scope = await app.Enter(tenant);
        await scope.Store.Delete(Harbour.StreamOf("eve"), ExpectedVersion.Any, "a slip");
        await scope.Store.TryCommit(
            new CommitRequest { Claims = [Claim.Acquire("email", "a@example.org", "ada")] },
            isBackground: false,
            default);
        Assert.Equal(6, (await scope.ReadModel<string, Cargo>().Get("ada", token)).Value!.Crates);
    }

    private static async Task ExpectComplete(TenantApp app, string tenant)
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
