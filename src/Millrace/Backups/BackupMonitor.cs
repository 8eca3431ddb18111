using System.Globalization;

namespace Millrace.Backups;

/// <summary>Observes the backup of one store, for its status and metrics. Thread-safe.</summary>
internal sealed class BackupMonitor(EventStore store, BackupOptions options)
{
    private const int MinLateIntervals = 10;
    private static readonly TimeSpan MaxFailing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxWaiting = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private Guid _id;
    private long _position;
    private DateTimeOffset _completeAt; // The time at which all events were last backed up.
    private DateTimeOffset? _tablesCopiedAt;
    private (DateTimeOffset Since, string Error)? _failure;
    private (DateTimeOffset Since, string Error)? _copyFailure;

    /// <summary>Gets the id of the store; empty before the first success.</summary>
    public Guid Store
    {
        get
        {
            lock (_lock)
                return _id;
        }
    }

    public void Start()
    {
        lock (_lock)
            (_completeAt, _failure, _copyFailure) = (store.Time.GetUtcNow(), null, null);
    }

    /// <summary>Notes the end of a turn in which nothing failed.</summary>
    public void Wrote(Guid id, long position, bool hasMore)
    {
        lock (_lock)
        {
            (_id, _position, _failure) = (id, position, null);
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

    public void Failed(Exception exception)
    {
        lock (_lock)
            _failure = (_failure?.Since ?? store.Time.GetUtcNow(), exception.Message);
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
                WaitingEvents = waiting,
                WaitingSince = since,
                FailingSince = failure?.Since,
                Error = failure?.Error,
                TablesCopiedAt = _tablesCopiedAt,
                IsLate = now - failure?.Since > MaxFailing
                    || (now - since > MaxWaiting && now - since > MinLateIntervals * options.Interval),
            };
        }
    }

    public TimeSpan LagOf(BackupStatus status) =>
        status.WaitingSince is { } since ? store.Time.GetUtcNow() - since : TimeSpan.Zero;
}
