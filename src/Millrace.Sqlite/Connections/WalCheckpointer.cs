using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Copies the write-ahead log into the file (a checkpoint), most of it beside the writer. Called by the writer
/// alone.</summary>
/// <remarks>
/// What has been written so far is copied on a thread of its own while commits go on; the rest, when it is little,
/// under the write lock, after which the log begins anew. Meanwhile a connection holds the state that is copied: SQLite
/// does not reset a log that somebody reads, so its race between resetting and copying, before 3.51.3, has no room.
/// </remarks>
internal sealed class WalCheckpointer(SqliteOptions options) : IDisposable
{
    private const int PassiveCheckpoint = 0; // SQLITE_CHECKPOINT_PASSIVE
    private const int TruncatingCheckpoint = 3; // SQLITE_CHECKPOINT_TRUNCATE
    private const int MaxPasses = 4;

    // Those whose commit is done wait for this.
    private static readonly TimeSpan CopyTimeout = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongLogTimeout = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromMilliseconds(200);

    private Connection? _sibling;
    private Connection? _holder;
    private Task<StorageException?>? _copyTask;
    private int _pages;
    private long _log;

    /// <summary>Why the log could not be copied the last time, or null.</summary>
    public StorageException? Failure { get; private set; }

    // Each turn follows on CheckpointPages of commits: after that many turns it is this long.
    private bool IsLong => _log >= MaxPasses * (long)options.CheckpointPages;

    /// <summary>Called after each commit, with no transaction open.</summary>
    public void Committed(Connection connection)
    {
        var pages = connection.TakePagesWritten();
        (_pages, _log) = (_pages + pages, _log + pages);
        if (_copyTask is { IsCompleted: true })
            FinishBackgroundCopy(connection);
        else if (_copyTask is null && _pages >= options.CheckpointPages)
            StartBackgroundCopy(connection);
        else if (_copyTask is not null && IsLong)
            CopyAll(connection); // The disk does not keep up: commits wait for it.
    }

    /// <summary>Copies all of it, while nobody can write. False when readers of old states, or a failure, kept it from
    /// that.</summary>
    public bool CopyAll(Connection connection)
    {
        WaitForCopy();
        var isWhole = TryCopyAll(connection);
        // Then try again sooner.
        _log = _pages = isWhole ? 0 : options.CheckpointPages / 2;
        return isWhole;
    }

    /// <summary>Copies all of it and empties the log, if nobody else works on the file. The writing connection must be
    /// closed.</summary>
    public void CopyAtClose()
    {
        WaitForCopy();
        try
        {
            _sibling ??= OpenSibling();
            _sibling.SetBusyTimeout(CloseTimeout);
            // Takes the write lock itself; when others are busy the log is left to them.
            _sibling.Checkpoint(TruncatingCheckpoint);
        }
        catch (StorageException failure)
        {
            Failure = failure; // Nothing is lost: the log is read when the file is opened again.
        }
    }

    public void Dispose()
    {
        WaitForCopy();
        _holder?.Dispose();
        _sibling?.Dispose();
    }

    /// <summary>Has what is committed now copied beside the commits that follow.</summary>
    private void StartBackgroundCopy(Connection connection)
    {
        try
        {
            _sibling ??= OpenSibling();
            _holder ??= OpenSibling();
            connection.SetBusyTimeout(CopyTimeout);
            // Held by its mark in the log, unless another process has just copied all of it: then there is nothing left
            // to copy.
            connection.Get("BEGIN IMMEDIATE").Run();
            _holder.Get("BEGIN").Run();
            _holder.Get("SELECT settlements FROM header").Scalar();
            connection.Rollback();
            _pages = 0;
            _copyTask = Task.Factory.StartNew(
                Copy,
                CancellationToken.None,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default);
        }
        catch (Exception failure) when (failure is StorageException or TaskSchedulerException)
        {
            connection.Rollback();
            LetGo();
            // That there was no thread to be had is no failure of the disk: the next time, or under the lock.
            if (failure is StorageException refused)
                Refused(refused);
            _pages = options.CheckpointPages / 2;
        }
        finally
        {
            connection.SetBusyTimeout(options.BusyTimeout);
        }
    }

    /// <summary>What came meanwhile is copied under the lock when it is little; else beside the commits again, a few
    /// times.</summary>
    private void FinishBackgroundCopy(Connection connection)
    {
        WaitForCopy();
        if (_pages <= options.CheckpointPages / MaxPasses || IsLong)
            CopyAll(connection);
    }

    private StorageException? Copy()
    {
        try
        {
            // Opened when the turn began, and used by nobody else in it.
            var (code, _, _) = _sibling!.Checkpoint(PassiveCheckpoint);
            return code == SQLitePCL.raw.SQLITE_OK ? null : _sibling.Failure(code);
        }
        finally
        {
            LetGo();
        }
    }

    private void WaitForCopy()
    {
        if (_copyTask is null)
            return;
        // It ends with the disk, as a copy under the lock would; no caller's code runs in it.
        if (_copyTask.GetAwaiter().GetResult() is { } failure)
            Refused(failure);
        else
            Failure = null;
        _copyTask = null;
    }

    private void LetGo()
    {
        if (_holder is { IsInTransaction: true })
            _holder.Rollback();
    }

    private bool TryCopyAll(Connection connection)
    {
        try
        {
            _sibling ??= OpenSibling();
            connection.SetBusyTimeout(CopyTimeout);
            connection.Get("BEGIN IMMEDIATE").Run();
            var (code, frames, copied) = CopyUnderLock(_sibling);
            connection.Rollback();
            Failure = null;
            if (code != SQLitePCL.raw.SQLITE_OK)
                Refused(_sibling.Failure(code));
            return code == SQLitePCL.raw.SQLITE_OK && copied == frames;
        }
        catch (StorageException failure)
        {
            connection.Rollback();
            Refused(failure);
            return false;
        }
        finally
        {
            connection.SetBusyTimeout(options.BusyTimeout);
        }
    }

    /// <summary>Another program may be copying just now. A long log waits for that, so that two of them come to its
    /// end.</summary>
    private (int Code, int Frames, int Copied) CopyUnderLock(Connection sibling)
    {
        var begin = Stopwatch.GetTimestamp();
        var copy = sibling.Checkpoint(PassiveCheckpoint);
        while (copy.Code == SQLitePCL.raw.SQLITE_BUSY
            && Stopwatch.GetElapsedTime(begin) < (IsLong ? LongLogTimeout : CopyTimeout))
        {
            BusyWait.SleepOnce();
            copy = sibling.Checkpoint(PassiveCheckpoint);
        }
        return copy;
    }

    /// <summary>That another program writes is no failure: next time.</summary>
    private void Refused(StorageException failure) => Failure = failure.Problem == StorageProblem.Busy ? null : failure;

    private Connection OpenSibling()
    {
        var sibling = Connection.Open(options.Path, ConnectionKind.Write, options.BusyTimeout);
        try
        {
            StoreFile.Configure(sibling, options);
        }
        catch
        {
            sibling.Dispose();
            throw;
        }
        return sibling;
    }
}
