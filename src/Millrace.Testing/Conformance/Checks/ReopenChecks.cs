using Millrace.Storage;
using Millrace.Testing.Conformance.Scheduling;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of the state after a storage is reopened.</summary>
internal static class ReopenChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("Every part of a request exists after the storage is reopened", Every_part, StorageFeatures.Reopens),
        new("Versions and positions continue after the storage is reopened", Numbers_continue, StorageFeatures.Reopens),
        new(
            "Recorded times never decrease when the storage is reopened with an earlier clock",
            Time_never_decreases,
            StorageFeatures.Reopens),
        new(
            "Refused and removed data is missing after the storage is reopened",
            Nothing_comes_back,
            StorageFeatures.Reopens),
        new(
            "The epoch, the leases and the pauses are unchanged after the storage is reopened",
            Epoch_and_leases,
            StorageFeatures.Reopens),
        new("Fields of documents are unchanged after the storage is reopened", Fields, StorageFeatures.Reopens),
        new("Versions of documents continue after the storage is reopened", Versions_continue, StorageFeatures.Reopens),
        new("A closed storage refuses operations", Closed_refuses),
        new("Random schedules continue after the storage is reopened", Schedules, StorageFeatures.Reopens),
    ];

    private static async Task Every_part(StorageProbe probe)
    {
        await FullRequest.Prepare(probe);
        await probe.Do(await FullRequest.Request(probe));

        await probe.Reopen();

        await FullRequest.ExpectAllEffects(probe);
        Expect.Equal(
            "owner", await probe.Log.FindClaim("email", "taken@example.org", probe.Cancel), "the earlier claim");
        Expect.Equal(
            CommitResult.HandledBefore,
            (await probe.Try(await FullRequest.Request(probe))).Result,
            "the outcome of the same request");
    }

    private static async Task Numbers_continue(StorageProbe probe)
    {
        for (var i = 0; i < 5; i++)
        {
            var outcome = await probe.Append("a", ExpectedVersion.AsRead(2 * i), Sample.Events(10 * i, 2));
            Expect.Same(
                [new AppendPlacement((2 * i) + 1, (2 * i) + 2, (2 * i) + 1, (2 * i) + 2)],
                outcome.Placements,
                "the placement of the append");
            await probe.Reopen();
            Expect.Equal(new LogHead(1, (2 * i) + 2), await probe.Log.GetHead(probe.Cancel), "the head of the log");
        }
        Expect.Same(
            [0, 1, 10, 11, 20, 21, 30, 31, 40, 41],
            (await probe.ReadStream("a")).Select(BatchChecks.NumberOf),
            "the stream");
    }

    private static async Task Time_never_decreases(StorageProbe probe)
    {
        var outcome = await probe.Append("a", ExpectedVersion.Any, Sample.Event(1));
        await probe.Reopen();
        probe.Now -= TimeSpan.FromDays(1);

        var later = await probe.Append("a", ExpectedVersion.Any, Sample.Event(2));

        Expect.Equal(outcome.Timestamp, later.Timestamp, "the recorded time after the clock was set back");
    }

    private static async Task Nothing_comes_back(StorageProbe probe)
    {
        await RemovalChecks.Prepare(probe);
        await probe.Refuse<VersionConflictException>(Sample.Append("c", ExpectedVersion.StreamExists, Sample.Event(9)));
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 4)));
        await probe.Do(Sample.Remove(Sample.Removal("b", RemovalKind.Tombstone)));

        await probe.Reopen();

        Expect.Same([3, 5, 6], (await probe.ReadLog()).Select(one => one.Position), "the log");
        Expect.Equal(new StreamHead(5, 4, StreamState.Open), await probe.Head("a"), "the truncated stream");
        await probe.Refuse<StreamDeletedException>(Sample.Append("b", ExpectedVersion.Any, Sample.Event(9)));
        Expect.Equal(2, (await probe.Log.ListRemovals(null, probe.Cancel)).Count, "removals");
        Expect.Equal(2, (await probe.Log.ListStreams("", null, 10, probe.Cancel)).Count, "streams");
    }

    private static async Task Epoch_and_leases(StorageProbe probe)
    {
        await probe.Storage.Maintenance.StartEpoch(probe.Cancel);
        await probe.Leases.Divide("sales", 3, probe.Cancel);
        var lease = await probe.Leases.Acquire("sales", 2, "node-1", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);
        await probe.Leases.Report("sales", 2, lease.LeaseEpoch, "Live", "an error", probe.Now, probe.Cancel);
        await probe.Leases.SetPaused("sales", true, probe.Cancel);
        await probe.Do(new CommitRequest { Checkpoint = new CheckpointMove("sales", 2, lease.LeaseEpoch, null, 7) });
        var before = (await probe.Leases.List(probe.Cancel)).Where(record => record.Partition == 2).One();

        await probe.Reopen();

        Expect.Equal(2, (await probe.Log.GetHead(probe.Cancel)).Epoch, "the epoch of the log");
        var after = (await probe.Leases.List(probe.Cancel)).Where(record => record.Partition == 2).One();
        Expect.Equal(before, after, "the consumer");
        Expect.Equal<(string?, bool, long?)>(
            ("node-1", true, 7),
            (after.Holder, after.IsPaused, after.Checkpoint),
            "the holder, the pause and the checkpoint");
        var other = (await probe.Leases.List(probe.Cancel)).Where(record => record.Partition == 0).One();
        Expect.Equal(null, other.Checkpoint, "the checkpoint of a partition that never stored one");
    }

    private static async Task Fields(StorageProbe probe)
    {
        var sample = await QuerySample.Fill(probe);

        await probe.Reopen();

        Expect.True(
            await probe.Documents.EnsureCollection(QuerySample.Definition, probe.Cancel),
            "the same collection is reported to have had other fields");
        foreach (var field in new[] { "text", "integer", "exact", "real" })
        {
            var query = new DocumentQuery { Collection = QuerySample.Name, OrderBy = field, Limit = 1_000 };
            var page = await probe.Documents.Query(query, probe.Cancel);
            Expect.Same(
                sample.Model.Keys(query), page.Documents.Select(document => document.Key), $"documents by {field}");
        }
    }

    private static async Task Versions_continue(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        var versions = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            versions.Add(
                (
                    await probe.Do(Sample.Write(Sample.Put("plain@1", "a", $"{i}") with { FromVersion = 0 }))
                ).DocumentVersion);
            await probe.Do(
                Sample.Write(
                    new DocumentChange
                    {
                        Collection = "plain@1",
                        Key = "a",
                        FromVersion = versions[i],
                    }
                )
            );
            await probe.Reopen();
        }
        Expect.Same(
            versions.Distinct().Order(), versions, "the versions of a document that is removed and written again");
    }

    private static async Task Closed_refuses(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));

        await probe.Storage.DisposeAsync();

        var read = await Expect.Throws<StorageException>(() => probe.ReadLog(), "reading a closed storage");
        Expect.Equal(StorageProblem.Closed, read.Problem, "the problem of the read");
        var commit = await Expect.Throws<StorageException>(
            () => probe.Try(Sample.Append("a", ExpectedVersion.Any, Sample.Event(2))), "a commit to a closed storage");
        Expect.Equal(StorageProblem.Closed, commit.Problem, "the problem of the commit");
    }

    private static async Task Schedules(StorageProbe probe)
    {
        var run = new ScheduleRun(probe, seed: 21);
        for (var i = 0; i < 6; i++)
        {
            await run.Run(steps: 15);
            await probe.Reopen();
        }
        await run.Compare();
    }
}
