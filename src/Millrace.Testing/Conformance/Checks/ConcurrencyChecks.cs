using System.Globalization;
using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of reads that run concurrently with a writer.</summary>
internal static class ConcurrencyChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("Readers see no gaps while a writer appends to the log", Readers_see_no_gap),
        new("Readers see a request that appends to several streams completely or not at all", Whole_or_not_at_all),
        new("Readers see a document and the checkpoint of its commit together", Documents_with_their_checkpoint),
        new("A wait for a change returns when the log has events after the known end", Waiting_for_existing_events),
        new("A wait for a change can be cancelled", Waiting_is_cancelled),
    ];

    private static async Task Readers_see_no_gap(StorageProbe probe)
    {
        const int commits = 300;
        var readers = Enumerable
            .Range(0, 3)
            .Select(_ =>
                Task.Run(
                    async () =>
                    {
                        for (var next = 1L; next <= commits * 2;)
                        {
                            probe.Cancel.ThrowIfCancellationRequested();
                            var page = await probe.Log.ReadLog(
                                new LogPageQuery(EventFilter.All, next, false, 50), probe.Cancel);
                            foreach (var recorded in page.Events)
                                Expect.Equal(next++, recorded.Position, "the next position that a reader sees");
                            Expect.True(page.Next >= next, $"a page up to {next - 1} continues at {page.Next}");
                            if (page.Events.Count == 0)
                                Expect.Equal(next, page.Next, "the position to continue from at the end");
                        }
                    },
                    probe.Cancel))
            .ToList();

        for (var i = 0; i < commits; i++)
            await probe.Append($"s-{i % 10}", ExpectedVersion.Any, Sample.Events(2 * i, 2));

        await Task.WhenAll(readers);
    }

    private static async Task Whole_or_not_at_all(StorageProbe probe)
    {
        const int commits = 200;
        var reader = Task.Run(
            async () =>
            {
                for (var head = 0L; head < commits * 2;)
                {
                    head = await probe.LastPosition();
                    Expect.Equal(
                        0, head % 2, "the log contains half of a request: the remainder of the head's position");
                    var count = await probe.Log.Count(EventFilter.All, probe.Cancel);
                    Expect.Equal(0, count % 2, "the count includes half of a request: the remainder of the count");
                }
            },
            probe.Cancel);

        for (var i = 0; i < commits; i++)
        {
            await probe.Do(new CommitRequest
            {
                Appends =
                [
                    Sample.To("a", ExpectedVersion.AsRead(i), Sample.Event(2 * i)),
                    Sample.To("b", ExpectedVersion.AsRead(i), Sample.Event((2 * i) + 1)),
                ],
            });
        }

        await reader;
    }

    private static async Task Documents_with_their_checkpoint(StorageProbe probe)
    {
        const int commits = 200;
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        var lease = await probe.Leases.Acquire("sales", 0, "node", TimeSpan.FromHours(1), probe.Now, probe.Cancel);
        var reader = Task.Run(
            async () =>
            {
                for (var checkpoint = 0L; checkpoint < commits;)
                {
                    checkpoint = (await probe.Leases.List(probe.Cancel)).One().Checkpoint ?? 0;
                    var document = await probe.Documents.Get("plain@1", "sum", probe.Cancel);
                    var sum = document is null ? 0 : long.Parse(document.Body.Span, CultureInfo.InvariantCulture);
                    Expect.True(sum >= checkpoint, $"the checkpoint is {checkpoint}, but the document at {sum}");
                }
            },
            probe.Cancel);

        var version = 0L;
        for (var i = 0; i < commits; i++)
        {
            var outcome = await probe.Do(new CommitRequest
            {
                Documents = [Sample.Put("plain@1", "sum", $"{i + 1}") with { FromVersion = version }],
                Checkpoint = new CheckpointMove("sales", 0, lease.LeaseEpoch, i == 0 ? null : i, i + 1),
            });
            version = outcome.DocumentVersion;
        }

        await reader;
    }

    private static async Task Waiting_for_existing_events(StorageProbe probe)
    {
        var head = await probe.Log.GetHead(probe.Cancel);
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));

        await probe.Log.WaitForChange(head, probe.Cancel);

        Expect.Equal(1, await probe.LastPosition(), "the head of the log");
    }

    private static async Task Waiting_is_cancelled(StorageProbe probe)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(probe.Cancel);
        var head = await probe.Log.GetHead(probe.Cancel);
        var waiting = Task.Run(
            async () =>
            {
                while (true)
                    await probe.Log.WaitForChange(head, cancellation.Token);
            },
            probe.Cancel);

        await cancellation.CancelAsync();

        await Expect.Throws<OperationCanceledException>(() => waiting, "a cancelled wait");
    }
}
