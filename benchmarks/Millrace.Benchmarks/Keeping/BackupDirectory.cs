using Millrace.Benchmarks.Harness;
using Millrace.Storage.Objects;

namespace Millrace.Benchmarks.Keeping;

/// <summary>A directory for the backups of one round.</summary>
internal sealed class BackupDirectory : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(30);

    private readonly ScratchDirectory _directory;

    public BackupDirectory(BenchmarkRun run)
    {
        _directory = run.NewDirectory();
        var path = _directory.File("backups");
        Directory.CreateDirectory(path);
        Place = new DirectoryObjectStorage(path);
    }

    public IObjectStorage Place { get; }

    /// <summary>Backs up the store of an application continuously.</summary>
    public void Use(MillraceBuilder millrace) => millrace.UseBackup(Place);

    /// <summary>Waits until the backup contains a position.</summary>
    public async Task WaitFor(long position)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        while ((await StoreRestore.List(Place, limit.Token)) is not [{ Copies.Count: > 0 } set]
            || set.LastPosition < position)
            await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
    }

    public void Dispose() => _directory.Dispose();
}
