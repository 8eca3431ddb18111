using Millrace.Auditing.Sealing;
using Millrace.Storage;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that a log that changes during its verification has no false findings.</summary>
public sealed class SealConcurrencyTests : IDisposable
{
    private readonly SealKeys _keys = new();

    public void Dispose() => _keys.Dispose();

    [Theory]
    [StoreKinds]
    public async Task A_seal_that_is_made_during_the_verification_is_not_a_finding(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);
        using var signer = SealSigner.Load(_keys.Key, null);
        await Fill(store, signer);

        var steps = new DuringVerification(async () =>
        {
            for (var i = 0; i < 3; i++)
            {
                await SealedLog.Append(store, 200);
                await SealedLog.Seal(store, signer);
            }
            await SealedLog.Append(store, 10);
            await SealedLog.WriteAnchors(store, _keys.Anchors);
        });
        var report = await new LogSeals(store).Verify(_keys.Evidence(), steps);

        Assert.True(steps.Count > 0);
        Assert.Equal([], report.Findings);
        Assert.Equal((1, 5_000), (report.Seals, report.SealedThrough));
        Assert.Equal([], (await new LogSeals(store).Verify(_keys.Evidence())).Findings);
    }

    [Theory]
    [StoreKinds]
    public async Task A_removal_during_the_verification_is_not_a_missing_event(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);
        using var signer = SealSigner.Load(_keys.Key, null);
        await Fill(store, signer);

        var steps = new DuringVerification(async () =>
        {
            // The first versions of the stream were read already, and the last ones were not.
            await store.Truncate(new StreamId("ship-1"), 800, "test", "ada");
            await store.Append(new StreamId("ship-y"), ExpectedVersion.Any, [SealedLog.Event(0), SealedLog.Event(1)]);
            await store.Tombstone(new StreamId("ship-y"), ExpectedVersion.Any, "sold", "ada");
            await store.Delete(new StreamId("ship-2"), ExpectedVersion.Any, "sunk", "ada");
            await SealedLog.Seal(store, signer);
        });
        var report = await new LogSeals(store).Verify(new SealEvidence(), steps);

        Assert.True(steps.Count > 0);
        Assert.Equal([], report.Findings);
        Assert.Equal([], (await new LogSeals(store).Verify(new SealEvidence())).Findings);
    }

    private async Task Fill(EventStore store, SealSigner signer)
    {
        for (var i = 0; i < 10; i++)
        {
            var request = new AppendRequest();
            for (var ship = 0; ship < 5; ship++)
                request.To(
                    new StreamId($"ship-{ship}"),
                    ExpectedVersion.Any,
                    [.. Enumerable.Range(i * 100, 100).Select(SealedLog.Event)]);
            await store.Append(request);
        }
        await SealedLog.Seal(store, signer);
        await SealedLog.WriteAnchors(store, _keys.Anchors);
    }

    /// <summary>Acts while the scan of the log is paused.</summary>
    private sealed class DuringVerification(Func<Task> act) : IProgress<MaintenanceProgress>
    {
        public int Count { get; private set; }

        public void Report(MaintenanceProgress value)
        {
            if (Count++ == 0)
                Task.Run(act).GetAwaiter().GetResult();
        }
    }
}
