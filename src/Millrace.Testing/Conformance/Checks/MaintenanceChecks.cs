using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>Information, verification and epochs.</summary>
internal static class MaintenanceChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("The information about a store counts what it holds", Information),
        new("A store that was used in every way is found sound", Sound),
        new("A new epoch of the log is counted, and everything else stays", Epochs),
        new("A storage says what it is", Description),
    ];

    private static async Task Information(StorageProbe probe)
    {
        var empty = await probe.Storage.Maintenance.GetInfo(probe.Cancel);
        Expect.Equal((new LogHead(1, 0), 0L, 0L, 0L), (empty.Head, empty.Events, empty.Streams, empty.RemovedEvents), "an empty store");
        for (var i = 0; i < 30; i++)
            await probe.Append($"s-{i % 7}", ExpectedVersion.Any, Sample.Event(i, i % 5 == 0 ? "rare" : "common"));
        await probe.Do(Sample.Remove(Sample.Removal("s-0", RemovalKind.Truncate, before: 3)));
        await probe.Do(Sample.Remove(Sample.Removal("s-1", RemovalKind.Delete)));

        var info = await probe.Storage.Maintenance.GetInfo(probe.Cancel);

        Expect.Equal(
            (new LogHead(1, 30), 28L, 7L, 2L),
            (info.Head, info.Events, info.Streams, info.RemovedEvents),
            "head, events, streams and removed events");
        Expect.True(info.SchemaVersion >= 1, $"the version of the schema is {info.SchemaVersion}");
        // The truncation removed an event of each type.
        Expect.Same([new TypeCount("common", 23), new TypeCount("rare", 5)], info.Types, "events by type");
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

        Expect.Equal(new LogHead(2, 3), await probe.Storage.Maintenance.BeginEpoch(probe.Cancel), "the head of the new epoch");
        Expect.Equal(new LogHead(2, 3), await probe.Log.GetHead(probe.Cancel), "the head afterwards");
        await probe.Append("a", ExpectedVersion.Exactly(3), Sample.Event(4));

        Expect.Equal(new LogHead(2, 4), await probe.Log.GetHead(probe.Cancel), "the head after an append");
        Expect.Equal(new LogHead(3, 4), await probe.Storage.Maintenance.BeginEpoch(probe.Cancel), "the head of the next epoch");
    }

    private static Task Description(StorageProbe probe)
    {
        Expect.True(!string.IsNullOrWhiteSpace(probe.Storage.Description), "its description is empty");
        return Task.CompletedTask;
    }
}
