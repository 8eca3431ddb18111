using Microsoft.Extensions.Logging;
using Millrace.Events;

namespace Millrace.Messaging.Receiving;

/// <summary>Counts the messages that a receiver skips, and logs them at a bounded rate. Thread-safe.</summary>
internal sealed class ReceiverCounts(string receiver, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private ReceiverStatus _status = new(receiver);
    private long? _loggedAt;
    private long _loggedCount;

    /// <summary>Gets or sets the adaptation of the receiver; null if its settings are fixed.</summary>
    public ReceiverLoad? Load { get; set; }

    public ReceiverStatus Status
    {
        get
        {
            var load = Load?.TakeStatus();
            lock (_lock)
                return _status with { Load = load };
        }
    }

    /// <summary>
    /// Counts a skipped message. Logs the first message immediately, and later messages together at most once a minute.
    /// </summary>
    public void Skipped(Message message, string problem)
    {
        long count;
        lock (_lock)
        {
            var reason = UntrustedText.OneLine(UntrustedText.Clip(problem, 1_000));
            _status = _status with { Skipped = _status.Skipped + 1, LastSkipped = reason };
            if (_loggedAt is { } loggedAt && time.GetElapsedTime(loggedAt) < LogInterval)
                return;
            count = _status.Skipped - _loggedCount;
            _loggedCount = _status.Skipped;
            _loggedAt = time.GetTimestamp();
        }
        MessagingLog.Skipped(logger, receiver, message, count, problem);
    }

    public void SkippedTombstone()
    {
        lock (_lock)
            _status = _status with { Tombstones = _status.Tombstones + 1 };
    }

    public void Stopped(string reason)
    {
        lock (_lock)
            _status = _status with { Stopped = reason };
    }
}
