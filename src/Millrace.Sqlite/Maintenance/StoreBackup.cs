using Millrace.Shared.Files;
using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;
using Millrace.Storage;
using SQLitePCL;

namespace Millrace.Sqlite.Maintenance;

/// <summary>Copies one snapshot of the store while it is in use.</summary>
/// <remarks>
/// The copy is created next to its destination, synced, opened and checked. Only then does it get its name, which is
/// synced as well; existing files are never overwritten. During the copy, the write-ahead log cannot be reused from its
/// start, so that it grows by everything that is written meanwhile.
/// </remarks>
internal sealed class StoreBackup(ReaderPool readers, string destination, IProgress<MaintenanceProgress>? progress)
{
    private const int PagesAtOnce = 1_000;

    private readonly string _unfinished = destination + ".unfinished";

    public void Run(CancellationToken cancellationToken)
    {
        ThrowIfTaken(destination);
        ThrowIfTaken(_unfinished);
        try
        {
            Copy(cancellationToken);
            Sync(_unfinished);
            Check();
            File.Move(_unfinished, destination, overwrite: false);
            Sync(destination); // Where hard links are not supported, the file was copied to the new name.
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

    private static void ThrowIfTaken(string path)
    {
        if (Path.Exists(path))
        {
            throw new StorageException(
                $"The backup cannot be written: '{path}' already exists, and is never overwritten. Choose another "
                    + "destination.",
                StorageProblem.Unavailable);
        }
    }

    private void Copy(CancellationToken cancellationToken)
    {
        using var source = readers.Open();
        using var copy = Connection.Open(_unfinished, ConnectionKind.Create, TimeSpan.Zero);
        copy.Execute("PRAGMA synchronous = OFF"); // Synced once, when it is complete.
        source.Execute("BEGIN");
        SqliteLog.ReadHead(source); // From here on, this connection reads one snapshot.
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

    /// <summary>
    /// Syncs a file. This process must have no connection open on the file, because closing the handle would release
    /// its locks.
    /// </summary>
    private static void Sync(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Opens the copy as a store and reads its end, so that an existing backup is always usable.</summary>
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
