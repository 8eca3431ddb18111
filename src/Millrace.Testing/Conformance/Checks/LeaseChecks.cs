using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of leases on the partitions of consumers.</summary>
internal static class LeaseChecks
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("The first caller leases a free partition with lease epoch 1", Leased_by_the_first),
        new("A holder that renews its lease keeps the lease epoch", Renewed),
        new(
            "All leases of a node are renewed together or not at all, and other leases are unchanged",
            Renewed_together),
        new("Another node cannot lease a partition until its lease has expired", Held_until_expiry),
        new("A released partition is free immediately, and its next holder has a new lease epoch", Released),
        new("Releasing a lease with an old lease epoch has no effect", Released_too_late),
        new("Leases of different partitions and consumers are independent", Separately),
        new("A holder's reported state is stored, and ignored under an old lease epoch", Reported),
        new("A reported state has its start time, even if another holder reports it again", Reported_since),
        new("A holder that renews its lease sees whether the consumer is paused", Paused),
        new("Consumers are listed in order of their names and partitions", Listed),
        new("A leased partition has the start of its lease, and a free partition has none", Held_since),
        new(
            "A node that reports itself is listed with its consumers until the report expires",
            Node_is_listed),
        new("A node that leaves disappears, and one that returns is listed again", Node_leaves_and_returns),
        new("Nodes and consumers are read in one snapshot, with the time of the lease clock", Read_in_one_snapshot),
        new("Exactly one of many concurrent callers gets the lease", One_of_many),
    ];

    private static async Task Leased_by_the_first(StorageProbe probe)
    {
        var record = await Acquire(probe, "sales", 0, "node-1");

        Expect.Equal(
            ("sales", 0, "node-1", 1L),
            (record.Consumer, record.Partition, record.Holder, record.LeaseEpoch),
            "the lease");
        Expect.Equal(probe.Now + Minute, record.LeaseUntil, "the end of the lease");
        Expect.Equal((null, false), (record.Checkpoint, record.IsPaused), "the checkpoint and the pause");
    }

    private static async Task Renewed(StorageProbe probe)
    {
        await Acquire(probe, "sales", 0, "node-1");
        probe.Now += TimeSpan.FromSeconds(30);
        var early = await Acquire(probe, "sales", 0, "node-1");
        probe.Now += TimeSpan.FromHours(1);
        var late = await Acquire(probe, "sales", 0, "node-1");

        Expect.Equal(("node-1", 1L), (early.Holder, early.LeaseEpoch), "the renewed lease");
        Expect.Equal(
            ("node-1", 1L, probe.Now + Minute),
            (late.Holder, late.LeaseEpoch, late.LeaseUntil),
            "the lease renewed late");
    }

    private static async Task Renewed_together(StorageProbe probe)
    {
        var sales = await Acquire(probe, "sales", 0, "node-1");
        await Acquire(probe, "stock", 0, "node-1");
        var other = await Acquire(probe, "mails", 0, "node-2");
        var free = await Acquire(probe, "times", 0, "node-1");
        await probe.Leases.Release("times", 0, free.LeaseEpoch, probe.Cancel);
        await probe.Leases.Report("sales", 0, sales.LeaseEpoch, "Live", null, probe.Now, probe.Cancel);
        await probe.Leases.Report("mails", 0, other.LeaseEpoch, "Live", null, probe.Now, probe.Cancel);
        var before = probe.Now;
        probe.Now += TimeSpan.FromSeconds(30);

        var isDone = await probe.Leases.RenewAll("node-1", Minute, probe.Now, probe.Cancel);

        var renewedAt = isDone ? probe.Now : before;
        var all = await probe.Leases.List(probe.Cancel);
        Expect.Same(
            [
                ("mails", "node-2", before + Minute),
                ("sales", "node-1", renewedAt + Minute),
                ("stock", "node-1", renewedAt + Minute),
            ],
            all.Where(record => record.Holder is not null)
                .Select(record => (record.Consumer, record.Holder!, record.LeaseUntil)),
            "the leases");
        Expect.Same<(string, DateTimeOffset?)>(
            [("mails", before), ("sales", renewedAt), ("stock", null), ("times", null)],
            all.Select(record => (record.Consumer, record.ReportedAt)),
            "the times of the last reports");
        Expect.Equal(
            null, all.Single(record => record.Consumer == "times").Holder, "the holder of a released lease");
        Expect.Equal(
            other.LeaseEpoch,
            all.Single(record => record.Consumer == "mails").LeaseEpoch,
            "the lease epoch of another node's lease");
    }

    private static async Task Held_until_expiry(StorageProbe probe)
    {
        await Acquire(probe, "sales", 0, "node-1");
        probe.Now += Minute - TimeSpan.FromSeconds(1);
        var refused = await Acquire(probe, "sales", 0, "node-2");
        Expect.Equal(("node-1", 1L), (refused.Holder, refused.LeaseEpoch), "the lease before it expires");

        probe.Now += TimeSpan.FromSeconds(2);
        var taken = await Acquire(probe, "sales", 0, "node-2");
        var again = await Acquire(probe, "sales", 0, "node-1");

        Expect.Equal(("node-2", 2L), (taken.Holder, taken.LeaseEpoch), "the lease after it expired");
        Expect.Equal(
            ("node-2", 2L), (again.Holder, again.LeaseEpoch), "the lease when the old holder tries to renew it");
    }

    private static async Task Released(StorageProbe probe)
    {
        var first = await Acquire(probe, "sales", 0, "node-1");

        await probe.Leases.Release("sales", 0, first.LeaseEpoch, probe.Cancel);
        Expect.Equal(
            null, (await probe.Leases.List(probe.Cancel)).One().Holder, "the holder of a released lease");
        var second = await Acquire(probe, "sales", 0, "node-2");

        Expect.Equal(("node-2", 2L), (second.Holder, second.LeaseEpoch), "the next lease");
    }

    private static async Task Released_too_late(StorageProbe probe)
    {
        var first = await Acquire(probe, "sales", 0, "node-1");
        probe.Now += 2 * Minute;
        await Acquire(probe, "sales", 0, "node-2");

        await probe.Leases.Release("sales", 0, first.LeaseEpoch, probe.Cancel);
        await probe.Leases.Release("nobody", 3, 1, probe.Cancel);

        var third = await Acquire(probe, "sales", 0, "node-3");
        Expect.Equal(("node-2", 2L), (third.Holder, third.LeaseEpoch), "the lease that is still valid");
    }

    private static async Task Separately(StorageProbe probe)
    {
        await probe.Leases.Divide("sales", 2, probe.Cancel);
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
        Expect.Equal(
            ("Faulted", "it broke", probe.Now), (reported.State, reported.Error, reported.ReportedAt), "the report");

        var before = probe.Now;
        await probe.Leases.Report("sales", 0, first.LeaseEpoch, "Live", null, probe.Now, probe.Cancel);
        probe.Now += 2 * Minute;
        await Acquire(probe, "sales", 0, "node-2");
        await probe.Leases.Report("sales", 0, first.LeaseEpoch, "Stalled", "late", probe.Now, probe.Cancel);

        var last = (await probe.Leases.List(probe.Cancel)).One();
        Expect.Equal(("Live", null, before), (last.State, last.Error, last.ReportedAt), "the last accepted report");
    }

    private static async Task Reported_since(StorageProbe probe)
    {
        var first = await Acquire(probe, "sales", 0, "node-1");
        var started = probe.Now;
        await probe.Leases.Report("sales", 0, first.LeaseEpoch, "Stalled", "it broke", probe.Now, probe.Cancel);
        probe.Now += 2 * Minute;
        var second = await Acquire(probe, "sales", 0, "node-2");
        await probe.Leases.Report("sales", 0, second.LeaseEpoch, "Stalled", "it broke again", probe.Now, probe.Cancel);
        var same = (await probe.Leases.List(probe.Cancel)).One();
        await probe.Leases.Report("sales", 0, second.LeaseEpoch, "Live", null, probe.Now, probe.Cancel);
        var other = (await probe.Leases.List(probe.Cancel)).One();

        Expect.Equal(
            (started, probe.Now),
            (same.StateSince, same.ReportedAt),
            "the start of a state, and its last report");
        Expect.Equal(probe.Now, other.StateSince, "the start of another state");
    }

    private static async Task Paused(StorageProbe probe)
    {
        await probe.Leases.Divide("sales", 2, probe.Cancel);
        var taken = await Acquire(probe, "sales", 0, "node-1");
        await Acquire(probe, "sales", 1, "node-1");
        await Acquire(probe, "stock", 0, "node-1");

        await probe.Leases.SetPaused("sales", true, probe.Cancel);
        Expect.Equal(true, (await Acquire(probe, "sales", 0, "node-1")).IsPaused, "the pause of partition 0");
        Expect.Equal(true, (await Acquire(probe, "sales", 1, "node-1")).IsPaused, "the pause of partition 1");
        Expect.Equal(false, (await Acquire(probe, "stock", 0, "node-1")).IsPaused, "the pause of another consumer");

        await probe.Leases.SetPaused("sales", false, probe.Cancel);
        Expect.Equal(false, (await Acquire(probe, "sales", 0, "node-1")).IsPaused, "the pause after it ended");
        Expect.Equal(
            taken.LeaseEpoch, (await Acquire(probe, "sales", 0, "node-1")).LeaseEpoch, "the lease epoch after a pause");
    }

    private static async Task Listed(StorageProbe probe)
    {
        foreach (var (consumer, partitions) in new[] { ("b", 2), ("a", 11), ("B", 1), ("ab", 1) })
            await probe.Leases.Divide(consumer, partitions, probe.Cancel);

        var records = await probe.Leases.List(probe.Cancel);

        Expect.Same(
            [("B", 0), .. Enumerable.Range(0, 11).Select(partition => ("a", partition)), ("ab", 0), ("b", 0), ("b", 1)],
            records.Select(record => (record.Consumer, record.Partition)),
            "the consumers");
    }

    private static async Task Held_since(StorageProbe probe)
    {
        var started = probe.Now;
        await Acquire(probe, "sales", 0, "node-1");
        probe.Now += TimeSpan.FromSeconds(30);
        var renewed = await Acquire(probe, "sales", 0, "node-1");
        Expect.Equal(started, renewed.HeldSince, "the start of a renewed lease");

        probe.Now += 2 * Minute;
        var taken = await Acquire(probe, "sales", 0, "node-2");
        Expect.Equal(probe.Now, taken.HeldSince, "the start of a lease that was taken over");

        await probe.Leases.Release("sales", 0, taken.LeaseEpoch, probe.Cancel);
        Expect.Equal(
            null,
            (await probe.Leases.List(probe.Cancel)).One().HeldSince,
            "the start of the lease of a free partition");
        var again = await Acquire(probe, "sales", 0, "node-2");
        await probe.Leases.Reset("sales", 0, probe.Cancel);
        Expect.Equal(probe.Now, again.HeldSince, "the start of a lease that was released before");
        Expect.Equal(
            null,
            (await probe.Leases.List(probe.Cancel)).One().HeldSince,
            "the start of a lease after a reset");
    }

    private static async Task Node_is_listed(StorageProbe probe)
    {
        var started = probe.Now;
        await probe.Leases.AnnounceNode("node-2", ["stock", "sales@1"], Minute, probe.Now, probe.Cancel);
        await probe.Leases.AnnounceNode("node-1", [], Minute, probe.Now, probe.Cancel);
        probe.Now += TimeSpan.FromSeconds(30);
        await probe.Leases.AnnounceNode("node-2", ["sales@1"], Minute, probe.Now, probe.Cancel);

        var both = (await probe.Leases.Inspect(probe.Now, probe.Cancel)).Nodes;
        Expect.Same(
            [("node-1", started, started + Minute), ("node-2", started, probe.Now + Minute)],
            both.Select(TimesOf),
            "the nodes");
        Expect.Same(
            ["", "sales@1"],
            both.Select(node => string.Join(' ', node.Consumers)),
            "the consumers that the nodes can run");

        probe.Now += TimeSpan.FromSeconds(30);
        var one = (await probe.Leases.Inspect(probe.Now, probe.Cancel)).Nodes;
        Expect.Same(["node-2"], one.Select(node => node.Name), "the nodes after one has expired");
    }

    private static async Task Node_leaves_and_returns(StorageProbe probe)
    {
        await probe.Leases.AnnounceNode("node-1", ["sales"], Minute, probe.Now, probe.Cancel);
        await probe.Leases.AnnounceNode("node-2", ["sales"], Minute, probe.Now, probe.Cancel);
        await probe.Leases.RemoveNode("node-1", probe.Cancel);
        await probe.Leases.RemoveNode("nobody", probe.Cancel);
        var remaining = (await probe.Leases.Inspect(probe.Now, probe.Cancel)).Nodes;
        Expect.Same(["node-2"], remaining.Select(node => node.Name), "the nodes after one has left");

        probe.Now += 2 * Minute;
        await probe.Leases.AnnounceNode("node-2", ["sales"], Minute, probe.Now, probe.Cancel);
        var late = (await probe.Leases.Inspect(probe.Now, probe.Cancel)).Nodes.One();
        Expect.Equal(("node-2", probe.Now, probe.Now + Minute), TimesOf(late), "a node that returns after it expired");
    }

    private static async Task Read_in_one_snapshot(StorageProbe probe)
    {
        await Acquire(probe, "stock", 0, "node-1");
        await Acquire(probe, "sales", 0, "node-1");
        await probe.Leases.AnnounceNode("node-1", ["sales", "stock"], Minute, probe.Now, probe.Cancel);

        var table = await probe.Leases.Inspect(probe.Now, probe.Cancel);
        var later = await probe.Leases.Inspect(probe.Now + Minute, probe.Cancel);

        Expect.Equal(probe.Now, table.Now, "the time of the snapshot");
        var all = await probe.Leases.List(probe.Cancel);
        Expect.Same(all, table.Consumers, "the consumers");
        foreach (var name in all.Select(record => record.Consumer).Distinct())
        {
            Expect.Same(
                all.Where(record => record.Consumer == name),
                await probe.Leases.Find(name, probe.Cancel),
                "the partitions of a consumer");
        }
        Expect.Equal(
            0,
            (await probe.Leases.Find("nobody", probe.Cancel)).Count,
            "the partitions of a missing consumer");
        Expect.Same([true, true], table.Consumers.Select(table.IsHeld), "whether the partitions are leased");
        Expect.Same(
            [false, false], later.Consumers.Select(later.IsHeld), "whether the partitions are leased a minute later");
        Expect.Equal(0, later.Nodes.Count, "the nodes a minute later");
    }

    private static (string Name, DateTimeOffset Since, DateTimeOffset Until) TimesOf(NodeRecord node) =>
        (node.Name, node.Since, node.Until);

    private static async Task One_of_many(StorageProbe probe)
    {
        var acquired = await Task.WhenAll(Enumerable.Range(1, 16).Select(number => Task.Run(
            async () => (Asker: $"node-{number}", Record: await AcquireWhenNotBusy($"node-{number}")), probe.Cancel)));

        var holder = Expect.NotNull(acquired[0].Record.Holder, "the holder");
        foreach (var (asker, record) in acquired)
            Expect.Equal((holder, 1L), (record.Holder, record.LeaseEpoch), $"the lease as {asker} sees it");

        async Task<ConsumerRecord> AcquireWhenNotBusy(string asker)
        {
            while (true)
            {
                try
                {
                    return await Acquire(probe, "sales", 0, asker);
                }
                catch (StorageException busy) when (busy.Problem == StorageProblem.Busy)
                {
                    // The storage had too many other requests, or they were too slow. Like a node, the check tries
                    // again.
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, probe.Cancel);
                }
            }
        }
    }

    private static async Task<ConsumerRecord> Acquire(
        StorageProbe probe,
        string consumer,
        int partition,
        string holder) => await probe.Leases.Acquire(consumer, partition, holder, Minute, probe.Now, probe.Cancel);
}
