using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of partitioned consumers. Each partition continues where its keys were. No node can continue to
/// commit for the previous partitions.
/// </summary>
internal static class PartitionChecks
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new(
            "A consumer is divided into partitions that all start at its checkpoint, and its lease is revoked",
            Divided),
        new(
            "A consumer that has never run is divided into partitions without checkpoints",
            Divided_before_the_first_run),
        new(
            "An initial checkpoint is stored before any lease, and never replaces an existing checkpoint",
            First_checkpoint),
        new(
            "Each partition of a multiple starts at the checkpoint of the partition that contained it",
            Divided_again),
        new("Partitions are combined differently only when they have the same checkpoint", Combined),
        new("Dividing a consumer into its current number of partitions has no effect", Already_divided),
        new("Every lease epoch after a division is greater than any earlier lease epoch", Epochs_grow),
        new("A missing partition is neither leased nor created", Missing_partition),
        new("A consumer with an open dead letter is not divided", Not_with_open_letters),
        new("A pause and a reset apply to all partitions", Paused_and_reset),
        new(
            "A collection takes over when all its partitions have reached the other collection's checkpoints",
            Taken_over),
        new("Clearing and dropping a collection applies to all partitions of its consumer", Cleared_and_dropped),
    ];

    private static async Task Divided(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 4));
        var whole = await Acquire(probe, 0);
        await probe.Do(Move(whole, null, 3));

        Expect.True(await Divide(probe, 4), "the consumer is not divided");
        await probe.Refuse<LeaseLostException>(Move(whole, 3, 4));

        var records = await probe.Leases.List(probe.Cancel);
        Expect.Same(
            [(0, 4, null, 3), (1, 4, null, 3), (2, 4, null, 3), (3, 4, null, 3L)],
            records.Select(one => (one.Partition, one.Partitions, one.Holder, one.Checkpoint)),
            "the partitions");
        var last = await Acquire(probe, 3);
        Expect.Equal(("node", 4), (last.Holder, last.Partitions), "the lease on the last partition");
        Expect.True(last.LeaseEpoch > whole.LeaseEpoch, $"the lease epoch is still {last.LeaseEpoch}");
        await probe.Do(Move(last, 3, 4));
    }

    private static async Task Divided_before_the_first_run(StorageProbe probe)
    {
        Expect.True(await Divide(probe, 2), "the consumer is not divided");
        Expect.True(await Divide(probe, 3), "the consumer is not divided again");

        var records = await probe.Leases.List(probe.Cancel);
        Expect.Same([null, null, null], records.Select(one => one.Checkpoint), "the checkpoints");
    }

    private static async Task First_checkpoint(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 4));
        if (!await probe.Leases.StoreFirstCheckpoint("sales", 2, probe.Cancel))
        {
            Expect.Equal(
                0,
                (await probe.Leases.List(probe.Cancel)).Count,
                "the number of consumers on a storage without support for initial checkpoints");
            return;
        }

        await probe.Leases.StoreFirstCheckpoint("sales", 3, probe.Cancel);
        var first = (await probe.Leases.List(probe.Cancel)).One();
        Expect.Equal(
            ("sales", 0, null, 0L, 2L),
            (first.Consumer, first.Partition, first.Holder, first.LeaseEpoch, first.Checkpoint),
            "the consumer with an initial checkpoint");
        Expect.True(await Divide(probe, 3), "the consumer is not divided");
        var lease = await Acquire(probe, 1);
        await probe.Do(Move(lease, 2, 4));
        await probe.Leases.StoreFirstCheckpoint("sales", 3, probe.Cancel);

        var records = await probe.Leases.List(probe.Cancel);
        Expect.Same([2, 4, 2L], records.Select(one => one.Checkpoint), "the checkpoints");
        Expect.Same([null, "node", null], records.Select(one => one.Holder), "the holders");
    }

    private static async Task Divided_again(StorageProbe probe)
    {
        await DivideAt(probe, 5, 7);

        Expect.True(await Divide(probe, 6), "the consumer is not divided");

        Expect.Same([5, 7, 5, 7, 5, 7], await Checkpoints(probe), "the checkpoints");
    }

    private static async Task Combined(StorageProbe probe)
    {
        await DivideAt(probe, 5, 5, 7);
        var before = await probe.Leases.List(probe.Cancel);

        Expect.True(!await Divide(probe, 1), "three partitions with different checkpoints are combined to one");
        Expect.True(!await Divide(probe, 4), "three partitions with different checkpoints are combined to four");
        Expect.Same(before, await probe.Leases.List(probe.Cancel), "the partitions after the refused divisions");

        foreach (var record in before.Where(one => one.Checkpoint == 5))
            await probe.Do(Move(record, 5, 7));
        Expect.True(await Divide(probe, 4), "three partitions with the same checkpoint are not divided into four");
        Expect.Same([7, 7, 7, 7], await Checkpoints(probe), "the checkpoints of four partitions");
        Expect.True(await Divide(probe, 1), "four partitions with the same checkpoint are not combined to one");
        Expect.Same([7], await Checkpoints(probe), "the checkpoint of one partition");
    }

    private static async Task Already_divided(StorageProbe probe)
    {
        await DivideAt(probe, 5, 7);
        var before = await probe.Leases.List(probe.Cancel);

        Expect.True(await Divide(probe, 2), "an existing division is not recognized");

        Expect.Same(before, await probe.Leases.List(probe.Cancel), "the partitions");
    }

    private static async Task Epochs_grow(StorageProbe probe)
    {
        await Divide(probe, 2);
        var greatest = 0L;
        for (var i = 0; i < 5; i++)
        {
            var lease = await Acquire(probe, 1);
            greatest = lease.LeaseEpoch;
            await probe.Leases.Release("sales", 1, greatest, probe.Cancel);
        }

        await Divide(probe, 1);
        await Divide(probe, 2);

        foreach (var record in await probe.Leases.List(probe.Cancel))
            Expect.True(
                record.LeaseEpoch > greatest,
                $"partition {record.Partition} has lease epoch {record.LeaseEpoch} after {greatest}");
    }

    private static async Task Missing_partition(StorageProbe probe)
    {
        var none = await Acquire(probe, 1);
        Expect.Equal(
            (null, 0L, 0),
            (none.Holder, none.LeaseEpoch, none.Partitions),
            "the leases of a missing consumer");
        Expect.Equal(0, (await probe.Leases.List(probe.Cancel)).Count, "partitions");

        await Divide(probe, 4);
        await Divide(probe, 2);
        Expect.Equal(null, (await Acquire(probe, 3)).Holder, "the holder of a former partition");
        Expect.Same([0, 1], (await probe.Leases.List(probe.Cancel)).Select(one => one.Partition), "the partitions");
    }

    private static async Task Not_with_open_letters(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 4));
        var lease = await Acquire(probe, 0);
        var deadLetter = new DeadLetter
        {
            Consumer = "sales",
            Position = 2,
            Key = "k",
            Stream = new StreamId("a"),
            Version = 2,
            EventType = "sample",
            EventId = Guid.CreateVersion7(StorageProbe.Beginning),
            State = DeadLetterState.Parked,
        };
        await probe.Do(
            new CommitRequest
            {
                Checkpoint = Move(lease, null, 3).Checkpoint,
                DeadLetters = [new DeadLetterChange(deadLetter)],
            }
        );

        Expect.True(!await Divide(probe, 2), "the consumer is divided while a dead letter is open");
        var stored = (await probe.DeadLetters.List(new DeadLetterQuery(), probe.Cancel)).One();
        var skipped = stored with { State = DeadLetterState.Skipped };
        await probe.Do(new CommitRequest { DeadLetters = [new DeadLetterChange(skipped)] });

        Expect.True(await Divide(probe, 2), "the consumer is not divided after the event was skipped");
    }

    private static async Task Paused_and_reset(StorageProbe probe)
    {
        await DivideAt(probe, 5, 7);
        await probe.Leases.SetPaused("sales", true, probe.Cancel);
        await Divide(probe, 4);
        Expect.Same(
            [true, true, true, true],
            (await probe.Leases.List(probe.Cancel)).Select(one => one.IsPaused),
            "the pause");

        await probe.Leases.Reset("sales", 1, probe.Cancel);
        Expect.Same([1, 1, 1, 1], await Checkpoints(probe), "the checkpoints after a reset");
    }

    private static async Task Taken_over(StorageProbe probe)
    {
        foreach (var consumer in new[] { "sales@1", "sales@2" })
            await probe.Documents.EnsureCollection(new CollectionDefinition(consumer, []), probe.Cancel);
        await DivideAt(probe, "sales@1", 4, 6);
        await DivideAt(probe, "sales@2", 3, 9);
        var row = new ReadModelRecord { Name = "sales", Live = "sales@2", Kept = "sales@1" };

        Expect.True(
            !await probe.Documents.PutReadModel(row, "sales@1", probe.Cancel),
            "a collection takes over before all its partitions have caught up");
        var behind = (await probe.Leases.List(probe.Cancel))
            .Where(one => one.Consumer == "sales@2" && one.Partition == 0)
            .One();
        await probe.Do(Move(behind, 3, 4));

        Expect.True(
            await probe.Documents.PutReadModel(row, "sales@1", probe.Cancel),
            "a collection does not take over although all its partitions have caught up");
    }

    private static async Task Cleared_and_dropped(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        await DivideAt(probe, "plain@1", 5, 7);
        var before = await probe.Leases.List(probe.Cancel);

        await probe.Documents.Clear("plain@1", "plain@1", probe.Cancel);
        Expect.Same([0, 0], await Checkpoints(probe), "the checkpoints after the documents were removed");
        foreach (var record in before)
            await probe.Refuse<LeaseLostException>(Move(record, 0, 1));

        Expect.True(
            await probe.Documents.Drop("plain@1", probe.Now.AddHours(1), probe.Cancel),
            "the collection is not dropped");
        Expect.Equal(0, (await probe.Leases.List(probe.Cancel)).Count, "the number of partitions after the drop");
    }

    private static ValueTask<bool> Divide(StorageProbe probe, int partitions) =>
        probe.Leases.Divide("sales", partitions, probe.Cancel);

    private static ValueTask<ConsumerRecord> Acquire(StorageProbe probe, int partition) =>
        probe.Leases.Acquire("sales", partition, "node", Minute, probe.Now, probe.Cancel);

    private static Task DivideAt(StorageProbe probe, params long[] checkpoints) =>
        DivideAt(probe, "sales", checkpoints);

    /// <summary>
    /// Divides a consumer into partitions with the given checkpoints, and leases each partition for a node.
    /// </summary>
    private static async Task DivideAt(StorageProbe probe, string consumer, params long[] checkpoints)
    {
        await probe.Leases.Divide(consumer, checkpoints.Length, probe.Cancel);
        for (var i = 0; i < checkpoints.Length; i++)
        {
            var lease = await probe.Leases.Acquire(consumer, i, "node", Minute, probe.Now, probe.Cancel);
            await probe.Do(Move(lease, null, checkpoints[i]));
        }
    }

    private static async Task<IEnumerable<long?>> Checkpoints(StorageProbe probe) =>
        (await probe.Leases.List(probe.Cancel)).Select(one => one.Checkpoint);

    private static CommitRequest Move(ConsumerRecord lease, long? from, long to) => new()
    {
        Checkpoint = new CheckpointMove(lease.Consumer, lease.Partition, lease.LeaseEpoch, from, to),
    };
}
