using System.Globalization;

namespace Millrace.Backups;

/// <summary>Observes the backup of one store, for its status and metrics. Thread-safe.</summary>
internal sealed class BackupMonitor(EventStore store, BackupOptions options)
{
    private static readonly TimeSpan MaxFailing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxFirstTurns = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly long _createdAt = store.Time.GetTimestamp();
    private readonly long _firstPosition = store.Tail.Head.Position;
    private Guid _id;
    private long _position;
    private long? _restorable;
    private DateTimeOffset _completeAt; // The time at which all events were last backed up.
    private DateTimeOffset? _tablesCopiedAt;
    private (DateTimeOffset Since, string Error)? _failure;
    private BackupProblem _problem;
    private bool _isRefused; // The backup waits for a decision, or a change of the configuration.
    private bool _isComplete; // Everything was backed up at the end of the last turn, and can be restored.
    private bool _hasWritten;
    private (DateTimeOffset Since, string Error)? _copyFailure;
    private (DateTimeOffset Since, string Error)? _maintenanceFailure;

    /// <summary>Gets the id of the store; empty before the first success.</summary>
    public Guid Store
    {
        get
        {
            lock (_lock)
                return _id;
        }
    }

    /// <summary>
    /// Gets whether the place lacks events, their changes or the table copy that they need; null if only changes
    /// without events may wait. Before the first success, the place may lack those that this node has seen. False if
    /// the backup is refused.
    /// </summary>
    public bool? HasUnsaved
    {
        get
        {
            lock (_lock)
            {
                if (_isRefused)
                    return false;
                var position = _hasWritten ? _position : _firstPosition;
                var isSaved = !_hasWritten || (_failure is null ? _isComplete : _restorable >= _position);
                return store.Tail.Head.Position > position || !isSaved ? true : null;
            }
        }
    }

    /// <summary>
    /// Gets whether a visit should wait for the backup, such as for the first turn. It does not wait for long, because
    /// the place may not answer.
    /// </summary>
    public bool IsBeginning
    {
        get
        {
            lock (_lock)
                return _failure is null
                    && store.Time.GetElapsedTime(_createdAt) < MaxFirstTurns
                    && (!_isComplete || store.Tail.Head.Position > _position);
        }
    }

    public void Start()
    {
        lock (_lock)
        {
            (_completeAt, _failure) = (store.Time.GetUtcNow(), null);
            (_copyFailure, _maintenanceFailure) = (null, null);
        }
    }

    /// <summary>Notes the end of a turn in which nothing failed.</summary>
    /// <param name="id">The id of the store.</param>
    /// <param name="position">The last position in the place.</param>
    /// <param name="restorable">The last position that can be restored; null for none.</param>
    /// <param name="hasMore">True if there are more events or changes.</param>
    /// <param name="isCopying">True if a table copy is being written.</param>
    public void Wrote(Guid id, long position, long? restorable, bool hasMore, bool isCopying)
    {
        lock (_lock)
        {
            (_id, _position, _restorable, _failure) = (id, position, restorable, null);
            (_hasWritten, _isRefused) = (true, false);
            _isComplete = !hasMore && !isCopying && restorable >= position;
            if (!hasMore)
                _completeAt = store.Time.GetUtcNow();
        }
    }

    public void TablesCopied()
    {
        lock (_lock)
            (_tablesCopiedAt, _copyFailure) = (store.Time.GetUtcNow(), null);
    }

    public void CopyFailed(Exception exception)
    {
        lock (_lock)
            _copyFailure = (_copyFailure?.Since ?? store.Time.GetUtcNow(), exception.Message);
    }

    public void Maintained()
    {
        lock (_lock)
            _maintenanceFailure = null;
    }

    /// <summary>Notes that parts were not joined, or old objects not removed. The backup is complete without.</summary>
    public void MaintenanceFailed(Exception exception)
    {
        lock (_lock)
            _maintenanceFailure = (_maintenanceFailure?.Since ?? store.Time.GetUtcNow(), exception.Message);
    }

    public void Failed(Exception exception)
    {
        lock (_lock)
        {
            _isComplete = false;
            _isRefused = exception is BackupException;
            _failure = (_failure?.Since ?? store.Time.GetUtcNow(), exception.Message);
            _problem = exception is BackupException refused ? refused.Problem : BackupProblem.Other;
        }
    }

    /// <summary>Returns the message of a failure, with what is not backed up.</summary>
    public string Describe(Exception failure)
    {
        var status = TakeStatus();
        return status.WaitingSince is { } since
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{failure.Message} {status.WaitingEvents} events after position {status.Position} are not backed up, "
                    + $"since {since:u}.")
            : failure.Message;
    }

    public BackupStatus TakeStatus()
    {
        lock (_lock)
        {
            var now = store.Time.GetUtcNow();
            var waiting = Math.Max(0, store.Tail.Head.Position - _position);
            DateTimeOffset? since = waiting > 0 ? _completeAt : null;
            var failure = _failure ?? _copyFailure;
            return new BackupStatus
            {
                Store = _id,
                Place = options.Place!.Description, // Required by the options.
                Position = _position,
                RestorablePosition = _restorable,
                WaitingEvents = waiting,
                WaitingSince = since,
                FailingSince = (failure ?? _maintenanceFailure)?.Since,
                Problem = _failure is null ? BackupProblem.Other : _problem,
                Error = (failure ?? _maintenanceFailure)?.Error,
                TablesCopiedAt = _tablesCopiedAt,
                IsLate = now - failure?.Since > MaxFailing
                    || now - since > options.MaxWaiting,
            };
        }
    }

    public TimeSpan LagOf(BackupStatus status) =>
        status.WaitingSince is { } since ? store.Time.GetUtcNow() - since : TimeSpan.Zero;
}
