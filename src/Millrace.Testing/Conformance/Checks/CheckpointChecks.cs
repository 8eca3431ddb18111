using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of checkpoints. A commit stores a checkpoint together with its documents, under a valid lease.
/// </summary>
internal static class CheckpointChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A checkpoint changes together with the documents of its commit", Moved_with_the_effect),
        new("A commit under a lost lease is refused and writes nothing", Fenced_by_the_lease),
        new(
            "A commit that starts at another checkpoint than the stored one is refused and writes nothing",
            From_another_checkpoint),
        new("A request of a batch can continue from the checkpoint of an earlier request", Followed_in_a_batch),
        new("Each partition has its own checkpoint", Partitions_are_apart),
        new(
            "A reset sets the checkpoint, releases the lease and refuses later commits of the old holder",
            Reset_fences),
        new("The next holder of a lease finds the checkpoint of the previous holder", Kept_over_holders),
        new(
            "A consumer without a stored checkpoint has none, and 0 is a stored checkpoint",
            None_is_not_0),
        new("A reset stores a checkpoint for a consumer without one", Reset_of_none),
    ];

    private static async Task Moved_with_the_effect(StorageProbe probe)
    {
        var lease = await Prepare(probe);

        await probe.Do(CheckpointRequest("first", lease.LeaseEpoch, null, 2));
        await probe.Do(CheckpointRequest("second", lease.LeaseEpoch, 2, 3));

        await ExpectState(probe, checkpoint: 3, documents: 2);
        Expect.Equal(("node-1", 1L), await Holder(probe), "the lease");
    }

    private static async Task Fenced_by_the_lease(StorageProbe probe)
    {
        var old = await Prepare(probe);
        await probe.Do(CheckpointRequest("first", old.LeaseEpoch, null, 1));
        probe.Now += TimeSpan.FromHours(1);
        var current = await Acquire(probe, "node-2");

        var lost = await probe.Refuse<LeaseLostException>(CheckpointRequest("late", old.LeaseEpoch, 1, 2));
        await probe.Refuse<LeaseLostException>(CheckpointRequest("early", current.LeaseEpoch + 1, 1, 2));

        Expect.Equal(("sales", 0), (lost.Consumer, lost.Partition), "the properties of the exception");
        await ExpectState(probe, checkpoint: 1, documents: 1);
        await probe.Do(CheckpointRequest("second", current.LeaseEpoch, 1, 2));
        await ExpectState(probe, checkpoint: 2, documents: 2);
    }

    private static async Task From_another_checkpoint(StorageProbe probe)
    {
        var lease = await Prepare(probe);
        await probe.Do(CheckpointRequest("first", lease.LeaseEpoch, null, 2));

        await probe.Refuse<LeaseLostException>(CheckpointRequest("again", lease.LeaseEpoch, null, 2));
        await probe.Refuse<LeaseLostException>(CheckpointRequest("again", lease.LeaseEpoch, 0, 2));
        await probe.Refuse<LeaseLostException>(CheckpointRequest("skipping", lease.LeaseEpoch, 3, 4));

        await ExpectState(probe, checkpoint: 2, documents: 1);
    }

    private static async Task Followed_in_a_batch(StorageProbe probe)
    {
        var lease = await Prepare(probe);

        var outcomes = await probe.Commit(
            CheckpointRequest("first", lease.LeaseEpoch, null, 1),
            CheckpointRequest("second", lease.LeaseEpoch, 1, 3),
            CheckpointRequest("double", lease.LeaseEpoch, 1, 2));

        Expect.Committed(outcomes[0], "the first change of the checkpoint");
        Expect.Committed(outcomes[1], "the second change of the checkpoint");
        Expect.Refused<LeaseLostException>(outcomes[2], "the change of a checkpoint that is no longer current");
        await ExpectState(probe, checkpoint: 3, documents: 2);
    }

    private static async Task Partitions_are_apart(StorageProbe probe)
    {
        await probe.Leases.Divide("sales", 3, probe.Cancel);
        for (var partition = 0; partition < 3; partition++)
        {
            var lease = await probe.Leases.Acquire(
                "sales", partition, "node-1", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);
            var first = new CheckpointMove("sales", partition, lease.LeaseEpoch, null, 10 + partition);
            await probe.Do(new CommitRequest { Checkpoint = first });
        }

        var records = await probe.Leases.List(probe.Cancel);
        Expect.Same([10, 11, 12], records.Select(record => record.Checkpoint), "the checkpoints");
    }

    private static async Task Reset_fences(StorageProbe probe)
    {
        var old = await Prepare(probe);
        await probe.Do(CheckpointRequest("first", old.LeaseEpoch, null, 3));

        await probe.Leases.Reset("sales", 1, probe.Cancel);
        await probe.Refuse<LeaseLostException>(CheckpointRequest("late", old.LeaseEpoch, 1, 2));
        var current = await Acquire(probe, "node-1");

        Expect.Equal(1, current.Checkpoint, "the checkpoint after the reset");
        Expect.True(
            current.LeaseEpoch > old.LeaseEpoch, $"the lease epoch is still {current.LeaseEpoch} after the reset");
        await probe.Do(CheckpointRequest("again", current.LeaseEpoch, 1, 2));
        await ExpectState(probe, checkpoint: 2, documents: 2);
    }

    private static async Task Kept_over_holders(StorageProbe probe)
    {
        var first = await Prepare(probe);
        await probe.Do(CheckpointRequest("first", first.LeaseEpoch, null, 2));
        await probe.Leases.Release("sales", 0, first.LeaseEpoch, probe.Cancel);

        var second = await Acquire(probe, "node-2");

        Expect.Equal(2, second.Checkpoint, "the checkpoint under the next holder");
    }

    private static async Task None_is_not_0(StorageProbe probe)
    {
        var first = await Prepare(probe);
        await probe.Leases.SetPaused("sales", true, probe.Cancel);
        await probe.Leases.Release("sales", 0, first.LeaseEpoch, probe.Cancel);
        var second = await Acquire(probe, "node-2");
        Expect.Equal((null, null), (first.Checkpoint, second.Checkpoint), "the checkpoint before the first commit");

        await probe.Refuse<LeaseLostException>(CheckpointRequest("early", second.LeaseEpoch, 0, 0));
        await ExpectState(probe, checkpoint: null, documents: 0);
        await probe.Do(CheckpointRequest("first", second.LeaseEpoch, null, 0));
        await ExpectState(probe, checkpoint: 0, documents: 1);
        await probe.Refuse<LeaseLostException>(CheckpointRequest("late", second.LeaseEpoch, null, 1));
        await probe.Do(CheckpointRequest("second", second.LeaseEpoch, 0, 1));

        await ExpectState(probe, checkpoint: 1, documents: 2);
    }

    private static async Task Reset_of_none(StorageProbe probe)
    {
        var old = await Prepare(probe);
        await probe.Leases.Reset("sales", 0, probe.Cancel);
        await probe.Leases.Reset("stock", 2, probe.Cancel);

        var sales = await Acquire(probe, "node-1");
        var stock = await probe.Leases.Acquire("stock", 0, "node-1", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);

        Expect.Equal(0, sales.Checkpoint, "the checkpoint of a consumer that was leased and then reset");
        Expect.Equal(2, stock.Checkpoint, "the checkpoint of a consumer that was never leased before its reset");
        await probe.Refuse<LeaseLostException>(CheckpointRequest("late", old.LeaseEpoch, null, 1));
        await probe.Do(CheckpointRequest("first", sales.LeaseEpoch, 0, 1));
    }

    private static async Task<ConsumerRecord> Prepare(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 4));
        return await Acquire(probe, "node-1");
    }

    private static async Task<ConsumerRecord> Acquire(StorageProbe probe, string holder) =>
        await probe.Leases.Acquire("sales", 0, holder, TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);

    private static CommitRequest CheckpointRequest(string key, long leaseEpoch, long? from, long to) => new()
    {
        Documents = [Sample.Put("plain@1", key, "x")],
        Checkpoint = new CheckpointMove("sales", 0, leaseEpoch, from, to),
    };

    private static async Task<(string?, long)> Holder(StorageProbe probe)
    {
        var record = (await probe.Leases.List(probe.Cancel)).One();
        return (record.Holder, record.LeaseEpoch);
    }

    private static async Task ExpectState(StorageProbe probe, long? checkpoint, long documents)
    {
        Expect.Equal(checkpoint, (await probe.Leases.List(probe.Cancel)).One().Checkpoint, "the checkpoint");
        Expect.Equal(documents, await probe.Documents.Count("plain@1", [], probe.Cancel), "the number of documents");
    }
}
