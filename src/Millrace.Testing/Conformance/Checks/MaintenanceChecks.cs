using Millrace.Storage;
using Millrace.Testing.Conformance.Scheduling;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of store information, verification and epochs.</summary>
internal static class MaintenanceChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("The information about a store contains the counts of its contents", Information),
        new("A store passes verification after all kinds of operations", Sound),
        new("Starting a new epoch changes only the epoch of the log", Epochs),
        new("Rows outside the log are removed by the prefix of their name", Removed_by_prefix),
        new("A storage has a description", Description),
    ];

    private static async Task Information(StorageProbe probe)
    {
        var empty = await probe.Storage.Maintenance.GetInfo(probe.Cancel);
        Expect.Equal(
            (new LogHead(1, 0), 0L, 0L, 0L),
            (empty.Head, empty.Events, empty.Streams, empty.RemovedEvents),
            "an empty store");
        for (var i = 0; i < 30; i++)
            await probe.Append($"s-{i % 7}", ExpectedVersion.Any, Sample.Event(i, i % 5 == 0 ? "rare" : "common"));
        await probe.Do(Sample.Remove(Sample.Removal("s-0", RemovalKind.Truncate, before: 3)));
        await probe.Do(Sample.Remove(Sample.Removal("s-1", RemovalKind.Delete)));

        var info = await probe.Storage.Maintenance.GetInfo(probe.Cancel);

        Expect.Equal(
            (new LogHead(1, 30), 28L, 7L, 2L),
            (info.Head, info.Events, info.Streams, info.RemovedEvents),
            "the head and the numbers of events, streams and removed events");
        Expect.True(info.SchemaVersion >= 1, $"the version of the schema is {info.SchemaVersion}");
        // The truncation has removed an event of each type.
        Expect.Same(
            [new TypeCount("common", 23), new TypeCount("rare", 5)], info.Types, "the number of events by type");
    }

    private static async Task Sound(StorageProbe probe)
    {
        await new ScheduleRun(probe, seed: 4).Run(steps: 60);

        var report = await probe.Storage.Maintenance.Verify(null, probe.Cancel);

        Expect.True(report.Checks.Count > 0, "nothing was checked");
        Expect.True(report.IsSound, string.Join(" ", report.Checks.SelectMany(check => check.Problems)));
        Expect.Equal(0, report.LostEvents, "lost events");
    }

    private static async Task Epochs(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 3));

        Expect.Equal(
            new LogHead(2, 3), await probe.Storage.Maintenance.StartEpoch(probe.Cancel), "the head of the new epoch");
        Expect.Equal(new LogHead(2, 3), await probe.Log.GetHead(probe.Cancel), "the head that the log returns");
        await probe.Append("a", ExpectedVersion.Exactly(3), Sample.Event(4));

        Expect.Equal(new LogHead(2, 4), await probe.Log.GetHead(probe.Cancel), "the head after an append");
        Expect.Equal(
            new LogHead(3, 4), await probe.Storage.Maintenance.StartEpoch(probe.Cancel), "the head of the next epoch");
    }

    /// <summary>Stores all kinds of rows under names with the prefix, and under similar names.</summary>
    private static async Task Removed_by_prefix(StorageProbe probe)
    {
        foreach (var name in new[] { "a_b/", "a_b", "axb/", "A_b/" })
        {
            await probe.Append(name + "s", ExpectedVersion.NoStream, Sample.Event(1));
            await probe.Documents.EnsureCollection(new CollectionDefinition(name + "sales", []), probe.Cancel);
            await probe.Documents.PutReadModel(
                new ReadModelRecord { Name = name + "model", Live = name + "sales" }, null, probe.Cancel);
            var lease = await probe.Leases.Acquire(
                name + "sales", 0, "node", TimeSpan.FromHours(1), probe.Now, probe.Cancel);
            await probe.Leases.SetPaused(name + "sales", true, probe.Cancel);
            await probe.Do(new CommitRequest
            {
                Documents = [Sample.Put(name + "sales", "k", "body")],
                Checkpoint = new CheckpointMove(name + "sales", 0, lease.LeaseEpoch, null, 1),
                DeadLetters =
                    [new DeadLetterChange(DeadLetterSample.NewDeadLetter(1) with { Consumer = name + "sales" })],
                Claims = [Claim.Acquire(name + "email", "a@example.org", "me")],
                Handled = [Sample.Mark("one", scope: name + "orders")],
            });
        }

        await probe.Storage.Maintenance.RemoveByPrefix("a_b/", probe.Cancel);
        await probe.Storage.Maintenance.RemoveByPrefix("a_b/", probe.Cancel); // Repeated, as after an interruption.

        string[] remainingPrefixes = ["A_b/", "a_b", "axb/"];
        var names = remainingPrefixes.Select(name => name + "sales").Order(StringComparer.Ordinal).ToArray();
        var collections = (await probe.Documents.List(probe.Cancel)).Select(info => info.Definition.Name);
        Expect.Same(names, collections.Order(StringComparer.Ordinal), "collections");
        Expect.Same(
            names,
            (await probe.Leases.List(probe.Cancel)).Select(record => record.Consumer).Order(StringComparer.Ordinal),
            "consumers");
        Expect.Equal(3, (await probe.Documents.ListReadModels(probe.Cancel)).Count, "read models");
        Expect.Equal(3, await probe.DeadLetters.Count(new DeadLetterQuery(), probe.Cancel), "dead letters");
        foreach (var name in new[] { "a_b/", "a_b", "axb/", "A_b/" })
        {
            var isKept = remainingPrefixes.Contains(name);
            var owner = await probe.Log.FindClaim(name + "email", "a@example.org", probe.Cancel);
            Expect.Equal(isKept ? "me" : null, owner, $"claims of {name}");
            Expect.Equal(
                isKept,
                await probe.Log.FindHandled(name + "orders", "one", probe.Cancel) is not null,
                $"handled ids of {name}");
            Expect.Equal(1, (await probe.Head(name + "s")).Version, $"the events of {name}");
        }
        var again = await probe.Leases.Acquire("a_b/sales", 0, "other", TimeSpan.FromHours(1), probe.Now, probe.Cancel);
        Expect.Equal((null, false), (again.Checkpoint, again.IsPaused), "a consumer that starts again");
        Expect.True((await probe.Storage.Maintenance.Verify(null, probe.Cancel)).IsSound, "the store is damaged");
    }

    private static Task Description(StorageProbe probe)
    {
        Expect.True(!string.IsNullOrWhiteSpace(probe.Storage.Description), "the description is empty");
        return Task.CompletedTask;
    }
}
