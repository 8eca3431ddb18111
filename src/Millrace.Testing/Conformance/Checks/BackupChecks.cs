using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>Backups, made while the store is used.</summary>
internal static class BackupChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A backup holds all that the store holds", Holds_all, StorageFeatures.BacksUp),
        new("A backup that is made while the store is written to is whole", While_written, StorageFeatures.BacksUp),
        new("A backup never overwrites what is there", Never_overwrites, StorageFeatures.BacksUp),
    ];

    private static async Task Holds_all(StorageProbe probe)
    {
        var run = new ScheduleRun(probe, seed: 31);
        await run.Run(steps: 40);
        var destination = probe.NewBackupDestination();
        var told = new Progress();

        await probe.Storage.Maintenance.Backup(destination, told, probe.Cancel);

        await run.CompareWith(probe.Of(await probe.OpenBackup(destination)));
        Expect.True(told.Reports > 0, "nobody was told how far it is");
    }

    private static async Task While_written(StorageProbe probe)
    {
        var destination = probe.NewBackupDestination();
        for (var i = 0; i < 200; i++)
            await probe.Append("a", ExpectedVersion.AsRead(2 * i), Sample.Events(2 * i, 2));

        var backup = Task.Run(
            async () => await probe.Storage.Maintenance.Backup(destination, null, probe.Cancel), probe.Cancel);
        for (var i = 200; i < 300; i++)
            await probe.Append("a", ExpectedVersion.AsRead(2 * i), Sample.Events(2 * i, 2));
        await backup;

        var copy = probe.Of(await probe.OpenBackup(destination));
        var log = await copy.ReadLog(limit: 100);
        Expect.True(
            log.Count >= 400 && log.Count % 2 == 0,
            $"the backup holds {log.Count} events, which is not what any commit left");
        Expect.Same(Enumerable.Range(0, log.Count), log.Select(BatchChecks.NumberOf), "the log of the backup");
        var report = await copy.Storage.Maintenance.Verify(null, probe.Cancel);
        Expect.True(report.IsSound, string.Join(" ", report.Checks.SelectMany(check => check.Problems)));
    }

    private static async Task Never_overwrites(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));
        var destination = probe.NewBackupDestination();
        await probe.Storage.Maintenance.Backup(destination, null, probe.Cancel);
        await probe.Append("a", ExpectedVersion.Exactly(1), Sample.Event(2));

        await Expect.Throws<StorageException>(
            async () => await probe.Storage.Maintenance.Backup(destination, null, probe.Cancel),
            "a backup to where one is");

        Expect.Equal(
            1, (await probe.Of(await probe.OpenBackup(destination)).ReadLog()).Count, "events of the first backup");
    }

    private sealed class Progress : IProgress<MaintenanceProgress>
    {
        public int Reports { get; private set; }

        public void Report(MaintenanceProgress value) => Reports++;
    }
}
