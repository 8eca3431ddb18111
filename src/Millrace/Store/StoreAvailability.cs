using Millrace.Storage;

namespace Millrace.Store;

/// <summary>What the commits of a store show about the availability of its storage.</summary>
internal sealed class StoreAvailability
{
    private long _lastCommitAt = long.MinValue;

    /// <summary>Gets or sets what is called when a commit fails because the storage cannot be reached.</summary>
    public Action? Lost { get; set; }

    /// <summary>Gets the timestamp of the last successful commit; the minimum if there was none.</summary>
    public long LastCommitAt => Volatile.Read(ref _lastCommitAt);

    public void ReportCommit(long timestamp) => Volatile.Write(ref _lastCommitAt, timestamp);

    public void ReportFailure(Exception exception)
    {
        if (exception is StorageException { Problem: StorageProblem.Unavailable })
            Lost?.Invoke();
    }
}
