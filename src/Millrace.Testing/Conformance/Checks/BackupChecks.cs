using Millrace.Storage;
using Millrace.Testing.Conformance.Scheduling;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of backups that a node makes while it uses the store.</summary>
internal static class BackupChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A backup contains everything in the store", Contains_everything, StorageFeatures.BacksUp),
        new("A backup made during writes is consistent", Consistent_during_writes, StorageFeatures.BacksUp),
        new("A backup never overwrites an existing file", Never_overwrites, StorageFeatures.BacksUp),
    ];

    private static async Task Contains_everything(StorageProbe probe)
    {
        var run = new ScheduleRun(probe, seed: 31);
        await run.Run(steps: 40);
        var destination = probe.NewBackupDestination();
        var progress = new Progress();

        await probe.Storage.Maintenance.Backup(destination, progress, probe.Cancel);

        await run.CompareWith(probe.Of(await probe.OpenBackup(destination)));
        Expect.True(progress.Reports > 0, "no progress was reported");
    }

    private static async Task Consistent_during_writes(StorageProbe probe)
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
            $"the backup contains {log.Count} events, but the log never ended there after a commit");
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
            "a backup to an existing backup");

        Expect.Equal(
            1, (await probe.Of(await probe.OpenBackup(destination)).ReadLog()).Count, "events of the first backup");
    }

    private sealed class Progress : IProgress<MaintenanceProgress>
    {
        public int Reports { get; private set; }

        public void Report(MaintenanceProgress value) => Reports++;
    }
}
