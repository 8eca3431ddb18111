using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>
/// Tests another program whose n-th system call fails. Acknowledged events are stored, and the store remains sound.
/// </summary>
public sealed class FailingCallsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [EnvironmentFact(MachineRequirement.Strace)]
    public Task A_single_sync_failure_loses_no_event() =>
        Check("fdatasync,fsync:error=EIO:when=20", StorageProblem.InputOutput);

    [EnvironmentFact(MachineRequirement.Strace)]
    public Task Repeated_sync_failures_lose_no_event() =>
        Check(
            "fdatasync,fsync:error=EIO:when=30+7",
            StorageProblem.InputOutput,
            StorageProblem.InDoubt,
            StorageProblem.Unavailable);

    [EnvironmentFact(MachineRequirement.Strace)]
    public Task A_permanent_sync_failure_loses_no_event() =>
        Check(
            "fdatasync,fsync:error=EIO:when=40+",
            StorageProblem.InputOutput,
            StorageProblem.InDoubt,
            StorageProblem.Unavailable);

    [EnvironmentFact(MachineRequirement.Strace)]
    public Task A_single_write_failure_loses_no_event() =>
        Check("write,pwrite64:error=EIO:when=300", StorageProblem.InputOutput);

    [EnvironmentFact(MachineRequirement.Strace)]
    public Task Repeated_write_failures_lose_no_event() =>
        Check(
            "write,pwrite64:error=EIO:when=300+97",
            StorageProblem.InputOutput,
            StorageProblem.InDoubt,
            StorageProblem.Unavailable);

    [EnvironmentFact(MachineRequirement.Strace)]
    public Task A_permanently_full_disk_loses_no_event() =>
        Check("write,pwrite64:error=ENOSPC:when=400+", StorageProblem.Full);

    private async Task Check(string injection, params StorageProblem[] allowed)
    {
        var path = _directory["shop.db"];
        await using (await TestData.Open(path))
        {
        }
        var calls = injection[..injection.IndexOf(':', StringComparison.Ordinal)];
        string[] files = ["-P", path, "-P", path + "-wal"];
        string[] strace =
        [
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            .. files,
            "-e",
            $"trace={calls}",
            "-e",
            $"inject={injection}",
        ];
        using var peer = await Peer.StartUnder(strace, "append", path, "4", "60");
        var lines = await peer.ReadToEnd();

        await using var storage = await TestData.Open(path);
        var log = await storage.ReadAll();
        var acknowledged = Peer.Acknowledged(lines).ToList();

        Assert.NotEmpty(acknowledged);
        Assert.Subset(
            log.Select(item => (item.Stream.Value, item.Version, item.Position, item.Id)).ToHashSet(),
            acknowledged.ToHashSet());
        Assert.NotEmpty(Peer.Problems(lines));
        Assert.Empty(Peer.Problems(lines).Except(allowed.Select(problem => problem.ToString())));
        Assert.True((await storage.Maintenance.Verify(null, TestData.Cancel)).IsSound);
        AssertOnlyInDoubtDiffers(lines, log, acknowledged.Count);
    }

    /// <summary>Checks that the log contains no append that was definitely refused.</summary>
    private static void AssertOnlyInDoubtDiffers(List<string> lines, List<RecordedEvent> log, int acknowledged)
    {
        var inDoubt = Peer.Problems(lines).Count(problem => problem == nameof(StorageProblem.InDoubt));
        Assert.InRange(log.Count, acknowledged, acknowledged + inDoubt);
    }
}
