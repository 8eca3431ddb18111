using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of several storages on the same data, as several nodes use them.</summary>
internal static class SharingChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("The next read of another node sees a commit", Seen_by_another, StorageFeatures.IsShared),
        new(
            "A commit of another node completes a wait for a change",
            Woken_by_another,
            StorageFeatures.IsShared),
        new(
            "Concurrent appends of several nodes leave neither gaps nor duplicates",
            Writers_at_once, StorageFeatures.IsShared),
        new(
            "Only one of several nodes that append with the same expected version succeeds",
            One_winner,
            StorageFeatures.IsShared),
        new("Commits of a node whose lease was taken over are refused", Fenced_off, StorageFeatures.IsShared),
        new("A new epoch is visible to other nodes", Epoch_seen, StorageFeatures.IsShared),
        new(
            "A document never has a version twice, even if nodes alternately remove and write it",
            Versions_in_turn,
            StorageFeatures.IsShared),
    ];

    private static async Task Seen_by_another(StorageProbe probe)
    {
        var other = probe.Of(await probe.OpenAnother());
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        for (var i = 0; i < 10; i++)
        {
            await probe.Append("a", ExpectedVersion.AsRead(2 * i), Sample.Event(2 * i));
            var written = await probe.Do(Sample.Write(Sample.Put("plain@1", "a", $"{i}")));
            Expect.Equal(
                (2 * i) + 1, (await other.ReadStream("a")).Count, "the number of events that the other node reads");
            var read = await other.Documents.Get("plain@1", "a", probe.Cancel);
            Expect.Equal(written.DocumentVersion, read?.Version, "the document that the other node reads");
            await other.Append("a", ExpectedVersion.Exactly((2 * i) + 1), Sample.Event((2 * i) + 1));
            Expect.Equal((2 * i) + 2, await probe.LastPosition(), "the head that this node sees");
        }
    }

    private static async Task Woken_by_another(StorageProbe probe)
    {
        var other = probe.Of(await probe.OpenAnother());
        for (var i = 1; i <= 5; i++)
        {
            var head = await probe.Log.GetHead(probe.Cancel);
            var waiting = Task.Run(
                async () =>
                {
                    while (await probe.Log.GetHead(probe.Cancel) == head)
                        await probe.Log.WaitForChange(head, probe.Cancel);
                },
                probe.Cancel);

            await other.Append("a", ExpectedVersion.AsRead(i - 1), Sample.Event(i));

            await waiting.WaitAsync(TimeSpan.FromSeconds(90), probe.Cancel);
        }
    }

    private static async Task Writers_at_once(StorageProbe probe)
    {
        const int commits = 60;
        var nodes = new[] { probe, probe.Of(await probe.OpenAnother()), probe.Of(await probe.OpenAnother()) };

        await Task.WhenAll(nodes.Select((node, number) => Task.Run(
            async () =>
            {
                for (var i = 0; i < commits; i++)
                    await node.Append($"node-{number}", ExpectedVersion.AsRead(i), Sample.Event((1_000 * number) + i));
            },
            probe.Cancel)));

        var log = await probe.ReadLog(limit: 50);
        Expect.Same(
            Enumerable.Range(1, 3 * commits).Select(number => (long)number),
            log.Select(one => one.Position),
            "the positions");
        for (var number = 0; number < nodes.Length; number++)
        {
            var expected = Enumerable.Range(1_000 * number, commits);
            Expect.Same(
                expected,
                (await nodes[0].ReadStream($"node-{number}")).Select(BatchChecks.NumberOf),
                $"the stream of node {number}");
        }
        Expect.Same(log.Select(one => one.Timestamp).Order(), log.Select(one => one.Timestamp), "the times");
    }

    private static async Task One_winner(StorageProbe probe)
    {
        StorageProbe[] nodes = [probe, probe.Of(await probe.OpenAnother()), probe.Of(await probe.OpenAnother())];
        for (var round = 0; round < 20; round++)
        {
            var outcomes = await Task.WhenAll(
                nodes.Select(
                    (node, number) =>
                        Task.Run(
                            () =>
                                node.Try(
                                    Sample.Append(
                                        "a", ExpectedVersion.AsRead(round), Sample.Event((10 * round) + number))),
                            probe.Cancel)));
            Expect.Equal(
                1,
                outcomes.Count(outcome => outcome.Result == CommitResult.Committed),
                $"the number of committed requests in round {round}");
        }
        Expect.Equal(20, (await probe.ReadStream("a")).Count, "events of the stream");
    }

    private static async Task Fenced_off(StorageProbe probe)
    {
        var other = await probe.OpenAnother();
        var first = await probe.Leases.Acquire("sales", 0, "node-1", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);
        var second = await other.Leases.Acquire(
            "sales", 0, "node-2", TimeSpan.FromMinutes(1), probe.Now + TimeSpan.FromMinutes(2), probe.Cancel);

        await probe.Refuse<LeaseLostException>(Move(first));

        await probe.Of(other).Do(Move(second));

        static CommitRequest Move(ConsumerRecord lease) =>
            new() { Checkpoint = new("sales", 0, lease.LeaseEpoch, null, 1) };
    }

    private static async Task Epoch_seen(StorageProbe probe)
    {
        var other = await probe.OpenAnother();
        await probe.Append("a", ExpectedVersion.Any, Sample.Event(1));

        await probe.Storage.Maintenance.StartEpoch(probe.Cancel);

        Expect.Equal(new LogHead(2, 1), await other.Log.GetHead(probe.Cancel), "the head that the other node sees");
    }

    private static async Task Versions_in_turn(StorageProbe probe)
    {
        StorageProbe[] nodes = [probe, probe.Of(await probe.OpenAnother())];
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        var versions = new List<long>();
        for (var round = 0; round < 10; round++)
        {
            var written = await nodes[round % 2]
                .Do(Sample.Write(Sample.Put("plain@1", "a", $"{round}") with { FromVersion = 0 }));
            versions.Add(written.DocumentVersion);
            var removal = new DocumentChange
            {
                Collection = "plain@1",
                Key = "a",
                FromVersion = written.DocumentVersion,
            };
            await nodes[round / 2 % 2].Do(Sample.Write(removal));
        }
        Expect.Same(versions.Distinct().Order(), versions, "the versions of a document");
    }
}
