using System.Diagnostics;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Connections;

/// <summary>
/// Copies the write-ahead log into the file (a checkpoint), mostly concurrently with the writer. Only the writer calls
/// it.
/// </summary>
/// <remarks>
/// The log written so far is copied on a background thread while commits continue. A small rest is copied under the
/// write lock, after which SQLite reuses the log from its start. During the copy, a reading connection holds the copied
/// state open. SQLite does not reset a log that is being read. This prevents SQLite's race between reset and copy,
/// which versions before 3.51.3 have.
/// </remarks>
internal sealed class WalCheckpointer(SqliteOptions options) : IDisposable
{
    private const int PassiveCheckpoint = 0; // SQLITE_CHECKPOINT_PASSIVE
    private const int TruncatingCheckpoint = 3; // SQLITE_CHECKPOINT_TRUNCATE
    private const int MaxPasses = 4;

    // Callers wait for this, although their commit is done.
    private static readonly TimeSpan CopyTimeout = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongLogTimeout = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromMilliseconds(200);

    private Connection? _sibling;
    private Connection? _snapshot;
    private Task<StorageException?>? _copyTask;
    private int _pagesSinceCopy;
    private long _pagesInLog;

    /// <summary>The error of the last copy, or null.</summary>
    public StorageException? Failure { get; private set; }

    // Each pass starts after CheckpointPages pages of commits. The log is long after MaxPasses passes.
    private bool IsLogLong => _pagesInLog >= MaxPasses * (long)options.CheckpointPages;

    /// <summary>Called after each commit, with no transaction open.</summary>
    public void Committed(Connection connection)
    {
        var pages = connection.TakePagesWritten();
        _pagesSinceCopy += pages;
        _pagesInLog += pages;
        if (_copyTask is { IsCompleted: true })
            FinishBackgroundCopy(connection);
        else if (_copyTask is null && _pagesSinceCopy >= options.CheckpointPages)
            StartBackgroundCopy(connection);
        else if (_copyTask is not null && IsLogLong)
            CopyAll(connection); // The disk cannot keep up: commits wait for the copy.
    }

    /// <summary>
    /// Copies the whole log under the write lock. Returns false when a failure, or readers of old snapshots, prevented
    /// the copy.
    /// </summary>
    public bool CopyAll(Connection connection)
    {
        WaitForCopy();
        var isComplete = TryCopyAll(connection);
        // After a failure, retry sooner.
        _pagesInLog = _pagesSinceCopy = isComplete ? 0 : options.CheckpointPages / 2;
        return isComplete;
    }

    /// <summary>
    /// Copies the whole log and truncates it, unless other connections use the file. The writing connection must be
    /// closed.
    /// </summary>
    public void CopyAtClose()
    {
        WaitForCopy();
        try
        {
            _sibling ??= OpenSibling();
            _sibling.SetBusyTimeout(CloseTimeout);
            // This checkpoint takes the write lock itself. When other programs are busy, the log is left to them.
            _sibling.Checkpoint(TruncatingCheckpoint);
        }
        catch (StorageException failure)
        {
            Failure = failure; // No data is lost: the log is read when the file is next opened.
        }
    }

    public void Dispose()
    {
        WaitForCopy();
        _snapshot?.Dispose();
        _sibling?.Dispose();
    }

    /// <summary>Starts to copy the current log in the background.</summary>
    private void StartBackgroundCopy(Connection connection)
    {
        try
        {
            _sibling ??= OpenSibling();
            _snapshot ??= OpenSibling();
            connection.SetBusyTimeout(CopyTimeout);
            // The read mark in the log prevents a reset, unless another process has just copied the whole log. Then
            // there is nothing left to copy.
            connection.Get("BEGIN IMMEDIATE").Run();
            _snapshot.Get("BEGIN").Run();
            _snapshot.Get("SELECT settlements FROM header").Scalar();
            connection.Rollback();
            _pagesSinceCopy = 0;
            _copyTask = Task.Factory.StartNew(
                Copy,
                CancellationToken.None,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default);
        }
        catch (Exception failure) when (failure is StorageException or TaskSchedulerException)
        {
            connection.Rollback();
            ReleaseSnapshot();
            // A missing thread is not a disk failure: retry later, or copy under the lock.
            if (failure is StorageException refused)
                RecordFailure(refused);
            _pagesSinceCopy = options.CheckpointPages / 2;
        }
        finally
        {
            connection.SetBusyTimeout(options.BusyTimeout);
        }
    }

    /// <summary>
    /// Copies a small rest under the lock. A larger rest is copied in the background again, a few times.
    /// </summary>
    private void FinishBackgroundCopy(Connection connection)
    {
        WaitForCopy();
        if (_pagesSinceCopy <= options.CheckpointPages / MaxPasses || IsLogLong)
            CopyAll(connection);
    }

    private StorageException? Copy()
    {
        try
        {
            // The sibling was opened before this pass, which uses it exclusively.
            var (code, _, _) = _sibling!.Checkpoint(PassiveCheckpoint);
            return code == SQLitePCL.raw.SQLITE_OK ? null : _sibling.Failure(code);
        }
        finally
        {
            ReleaseSnapshot();
        }
    }

    private void WaitForCopy()
    {
        if (_copyTask is null)
            return;
        // The task ends when the disk has finished, like a copy under the lock. It runs no caller code.
        if (_copyTask.GetAwaiter().GetResult() is { } failure)
            RecordFailure(failure);
        else
            Failure = null;
        _copyTask = null;
    }

    private void ReleaseSnapshot()
    {
        if (_snapshot is { IsInTransaction: true })
            _snapshot.Rollback();
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
                RecordFailure(_sibling.Failure(code));
            return code == SQLitePCL.raw.SQLITE_OK && copied == frames;
        }
        catch (StorageException failure)
        {
            connection.Rollback();
            RecordFailure(failure);
            return false;
        }
        finally
        {
            connection.SetBusyTimeout(options.BusyTimeout);
        }
    }

    /// <summary>
    /// Copies the log. Another program may be copying at the same time. If the log is long, waits longer for the other
    /// copy, so that a copy completes even when two programs checkpoint.
    /// </summary>
    private (int Code, int Frames, int Copied) CopyUnderLock(Connection sibling)
    {
        var started = Stopwatch.GetTimestamp();
        var copy = sibling.Checkpoint(PassiveCheckpoint);
        while (copy.Code == SQLitePCL.raw.SQLITE_BUSY
            && Stopwatch.GetElapsedTime(started) < (IsLogLong ? LongLogTimeout : CopyTimeout))
        {
            BusyWait.SleepOnce();
            copy = sibling.Checkpoint(PassiveCheckpoint);
        }
        return copy;
    }

    /// <summary>Records a failure, unless another program was writing: the next pass then retries.</summary>
    private void RecordFailure(StorageException failure) =>
        Failure = failure.Problem == StorageProblem.Busy ? null : failure;

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
