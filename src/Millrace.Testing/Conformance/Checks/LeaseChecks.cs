using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>Leases on the partitions of consumers.</summary>
internal static class LeaseChecks
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("The first to ask for a free partition gets it under lease epoch 1", The_first_gets_it),
        new("A holder that renews keeps its lease epoch", Renewed),
        new("A partition that is held is not given to another until the lease has run out", Held_and_run_out),
        new("A partition that is given back is free at once, and its next holder has a new lease epoch", Given_back),
        new("Giving back under an old lease epoch does nothing", Given_back_too_late),
        new("Partitions and consumers are leased apart", Apart),
        new("What a holder says of itself is kept, and under an old lease epoch ignored", Reported),
        new("A pause is seen by the holder when it renews, and a resumption too", Paused),
        new("Consumers are listed in order of their names and partitions", Listed),
        new("Of many that ask at once exactly one gets the lease", One_of_many),
    ];

    private static async Task The_first_gets_it(StorageProbe probe)
    {
        var record = await Acquire(probe, "sales", 0, "node-1");

        Expect.Equal(("sales", 0, "node-1", 1L), (record.Consumer, record.Partition, record.Holder, record.LeaseEpoch), "the lease");
        Expect.Equal(probe.Now + Minute, record.LeaseUntil, "until when the lease holds");
        Expect.Equal((null, false), (record.Checkpoint, record.IsPaused), "checkpoint and pause");
    }

    private static async Task Renewed(StorageProbe probe)
    {
        await Acquire(probe, "sales", 0, "node-1");
        probe.Now += TimeSpan.FromSeconds(30);
        var early = await Acquire(probe, "sales", 0, "node-1");
        probe.Now += TimeSpan.FromHours(1);
        var late = await Acquire(probe, "sales", 0, "node-1");

        Expect.Equal(("node-1", 1L), (early.Holder, early.LeaseEpoch), "the renewed lease");
        Expect.Equal(("node-1", 1L, probe.Now + Minute), (late.Holder, late.LeaseEpoch, late.LeaseUntil), "the lease renewed late");
    }

    private static async Task Held_and_run_out(StorageProbe probe)
    {
        await Acquire(probe, "sales", 0, "node-1");
        probe.Now += Minute - TimeSpan.FromSeconds(1);
        var refused = await Acquire(probe, "sales", 0, "node-2");
        Expect.Equal(("node-1", 1L), (refused.Holder, refused.LeaseEpoch), "the lease while it holds");

        probe.Now += TimeSpan.FromSeconds(2);
        var taken = await Acquire(probe, "sales", 0, "node-2");
        var again = await Acquire(probe, "sales", 0, "node-1");

        Expect.Equal(("node-2", 2L), (taken.Holder, taken.LeaseEpoch), "the lease after it ran out");
        Expect.Equal(("node-2", 2L), (again.Holder, again.LeaseEpoch), "the lease when the old holder asks again");
    }

    private static async Task Given_back(StorageProbe probe)
    {
        var first = await Acquire(probe, "sales", 0, "node-1");

        await probe.Leases.Release("sales", 0, first.LeaseEpoch, probe.Cancel);
        Expect.Equal(null, (await probe.Leases.List(probe.Cancel)).One().Holder, "the holder of a lease that was given back");
        var second = await Acquire(probe, "sales", 0, "node-2");

        Expect.Equal(("node-2", 2L), (second.Holder, second.LeaseEpoch), "the next lease");
    }

    private static async Task Given_back_too_late(StorageProbe probe)
    {
        var first = await Acquire(probe, "sales", 0, "node-1");
        probe.Now += 2 * Minute;
        await Acquire(probe, "sales", 0, "node-2");

        await probe.Leases.Release("sales", 0, first.LeaseEpoch, probe.Cancel);
        await probe.Leases.Release("nobody", 3, 1, probe.Cancel);

        var third = await Acquire(probe, "sales", 0, "node-3");
        Expect.Equal(("node-2", 2L), (third.Holder, third.LeaseEpoch), "the lease that still holds");
    }

    private static async Task Apart(StorageProbe probe)
    {
        await Acquire(probe, "sales", 0, "node-1");
        await Acquire(probe, "sales", 1, "node-2");
        await Acquire(probe, "stock", 0, "node-3");

        var records = await probe.Leases.List(probe.Cancel);

        Expect.Same(["node-1", "node-2", "node-3"], records.Select(record => record.Holder), "the holders");
    }

    private static async Task Reported(StorageProbe probe)
    {
        var first = await Acquire(probe, "sales", 0, "node-1");
        await probe.Leases.Report("sales", 0, first.LeaseEpoch, "Faulted", "it broke", probe.Now, probe.Cancel);
        var reported = (await probe.Leases.List(probe.Cancel)).One();
        Expect.Equal(("Faulted", "it broke", probe.Now), (reported.State, reported.Error, reported.ReportedAt), "the report");

        var before = probe.Now;
        await probe.Leases.Report("sales", 0, first.LeaseEpoch, "Live", null, probe.Now, probe.Cancel);
        probe.Now += 2 * Minute;
        await Acquire(probe, "sales", 0, "node-2");
        await probe.Leases.Report("sales", 0, first.LeaseEpoch, "Stalled", "late", probe.Now, probe.Cancel);

        var last = (await probe.Leases.List(probe.Cancel)).One();
        Expect.Equal(("Live", null, before), (last.State, last.Error, last.ReportedAt), "the last report that counts");
    }

    private static async Task Paused(StorageProbe probe)
    {
        await Acquire(probe, "sales", 0, "node-1");
        await Acquire(probe, "sales", 1, "node-1");
        await Acquire(probe, "stock", 0, "node-1");

        await probe.Leases.SetPaused("sales", true, probe.Cancel);
        Expect.Equal(true, (await Acquire(probe, "sales", 0, "node-1")).IsPaused, "the pause of partition 0");
        Expect.Equal(true, (await Acquire(probe, "sales", 1, "node-1")).IsPaused, "the pause of partition 1");
        Expect.Equal(false, (await Acquire(probe, "stock", 0, "node-1")).IsPaused, "the pause of another consumer");

        await probe.Leases.SetPaused("sales", false, probe.Cancel);
        Expect.Equal(false, (await Acquire(probe, "sales", 0, "node-1")).IsPaused, "the pause after it ended");
        Expect.Equal(1, (await Acquire(probe, "sales", 0, "node-1")).LeaseEpoch, "the lease epoch after a pause");
    }

    private static async Task Listed(StorageProbe probe)
    {
        foreach (var (consumer, partition) in new[] { ("b", 1), ("a", 10), ("B", 0), ("a", 2), ("b", 0), ("ab", 0) })
            await Acquire(probe, consumer, partition, "node-1");

        var records = await probe.Leases.List(probe.Cancel);

        Expect.Same(
            [("B", 0), ("a", 2), ("a", 10), ("ab", 0), ("b", 0), ("b", 1)],
            records.Select(record => (record.Consumer, record.Partition)),
            "the consumers");
    }

    private static async Task One_of_many(StorageProbe probe)
    {
        var asked = await Task.WhenAll(Enumerable.Range(1, 16).Select(number => Task.Run(
            async () => (Asker: $"node-{number}", Record: await Acquire(probe, "sales", 0, $"node-{number}")), probe.Cancel)));

        var holder = Expect.NotNull(asked[0].Record.Holder, "the holder");
        foreach (var (asker, record) in asked)
            Expect.Equal((holder, 1L), (record.Holder, record.LeaseEpoch), $"the lease as {asker} sees it");
    }

    private static async Task<ConsumerRecord> Acquire(StorageProbe probe, string consumer, int partition, string holder) =>
        await probe.Leases.Acquire(consumer, partition, holder, Minute, probe.Now, probe.Cancel);
}
