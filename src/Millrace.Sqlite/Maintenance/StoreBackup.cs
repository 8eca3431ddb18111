using Millrace.Storage;
using SQLitePCL;

namespace Millrace.Sqlite;

/// <summary>Copies the store as it stands at one moment, while it is used.</summary>
/// <remarks>
/// The copy is made beside its destination, synced, opened and looked at, and only then gets its name, which is synced
/// too; nothing that stands there is overwritten. While it runs, the write-ahead log cannot begin anew, so it grows by
/// what is written meanwhile.
/// </remarks>
internal sealed class StoreBackup(ReaderPool readers, string destination, IProgress<MaintenanceProgress>? progress)
{
    private const int PagesAtOnce = 1_000;

    private readonly string _unfinished = destination + ".unfinished";

    public void Run(CancellationToken cancellationToken)
    {
        RefuseTaken(destination);
        RefuseTaken(_unfinished);
        try
        {
            Copy(cancellationToken);
            Sync(_unfinished);
            Check();
            File.Move(_unfinished, destination, overwrite: false);
            Sync(destination); // Where a name cannot be given twice, the file was copied to the new one.
            DirectorySync.Run(destination);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The backup '{destination}' cannot be written: {exception.Message}",
                StorageProblem.InputOutput,
                exception);
        }
        finally
        {
            RemoveLeftovers();
        }
    }

    private static void RefuseTaken(string path)
    {
        if (Path.Exists(path))
        {
            throw new StorageException(
                $"The backup cannot be written: '{path}' exists already and is never overwritten. Choose another "
                    + $"destination.",
                StorageProblem.Unavailable);
        }
    }

    private void Copy(CancellationToken cancellationToken)
    {
        using var source = readers.Open();
        using var copy = Connection.Open(_unfinished, ConnectionKind.Create, TimeSpan.Zero);
        copy.Execute("PRAGMA synchronous = OFF"); // Synced once, when it is whole.
        source.Execute("BEGIN");
        SqliteLog.ReadHead(source); // From here on the source stands still for this connection.
        using var backup = source.StartBackup(copy);
        var code = raw.SQLITE_OK;
        while (code == raw.SQLITE_OK)
        {
            cancellationToken.ThrowIfCancellationRequested();
            code = raw.sqlite3_backup_step(backup, PagesAtOnce);
            var pages = raw.sqlite3_backup_pagecount(backup);
            progress?.Report(new MaintenanceProgress(pages - raw.sqlite3_backup_remaining(backup), pages, "pages"));
        }
        if (code != raw.SQLITE_DONE)
            throw copy.Failure(code);
    }

    /// <summary>Not with a connection of this process open on the file, whose locks would be gone.</summary>
    private static void Sync(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Opens the copy as a store and reads its end, so that a backup that is there can be used.</summary>
    private void Check()
    {
        using var copy = Connection.Open(_unfinished, ConnectionKind.Write, TimeSpan.Zero);
        SqliteLog.ReadHead(copy);
    }

    private void RemoveLeftovers()
    {
        foreach (
            var path in (string[])[_unfinished, _unfinished + "-wal", _unfinished + "-shm", _unfinished + "-journal"])
        {
            if (File.Exists(path))
                File.Delete(path);
        }
    }
}
