using Microsoft.Extensions.Logging;

namespace Millrace.Consuming;

/// <summary>Log messages of consumers: 2001 to 2999.</summary>
internal static partial class ConsumerLog
{
    [LoggerMessage(
        EventId = 2001, Level = LogLevel.Information,
        Message = "Consumer {Consumer} starts after position {Position} (lease epoch {LeaseEpoch}).")]
    public static partial void Begins(ILogger logger, string consumer, long position, long leaseEpoch);

    [LoggerMessage(
        EventId = 2002, Level = LogLevel.Warning,
        Message = "Consumer {Consumer} lost its lease, and its last write was refused: {Reason}")]
    public static partial void LostLease(ILogger logger, string consumer, string reason);

    [LoggerMessage(
        EventId = 2003,
        Level = LogLevel.Warning,
        Message = "Consumer {Consumer} failed (attempt {Attempt}) and retries in {DelayMs} ms: {Problem}")]
    public static partial void Failed(
        ILogger logger, string consumer, int attempt, double delayMs, string problem, Exception exception);

    [LoggerMessage(
        EventId = 2004,
        Level = LogLevel.Error,
        Message = "Consumer {Consumer} on node {Node} is stalled after {Attempt} attempts and keeps retrying slowly: "
            + "{Problem}"
    )]
    public static partial void Stalled(
        ILogger logger, string consumer, string node, int attempt, string problem, Exception exception);

    [LoggerMessage(
        EventId = 2019, Level = LogLevel.Error,
        Message = "Consumer {Consumer} on node {Node} has made no progress after position {Position} since {Since:O} "
            + "and has reported no error, although the log has newer events.")]
    public static partial void StandsStill(
        ILogger logger, string consumer, string node, long position, DateTimeOffset since);

    [LoggerMessage(
        EventId = 2005, Level = LogLevel.Information,
        Message = "Consumer {Consumer} continues at position {Position}.")]
    public static partial void GoesOn(ILogger logger, string consumer, long position);

    [LoggerMessage(
        EventId = 2006, Level = LogLevel.Error, Message = "Consumer {Consumer} cannot start and retries slowly.")]
    public static partial void Faulted(ILogger logger, string consumer, Exception exception);

    [LoggerMessage(
        EventId = 2024,
        Level = LogLevel.Warning,
        Message = "Consumer {Consumer} cannot start yet and retries: {Problem}")]
    public static partial void BeginsLater(ILogger logger, string consumer, string problem);

    [LoggerMessage(
        EventId = 2031,
        Level = LogLevel.Warning,
        Message = "Consumer {Consumer} starts again after its lease was released in the store.")]
    public static partial void Restarts(ILogger logger, string consumer);

    [LoggerMessage(
        EventId = 2007,
        Level = LogLevel.Warning,
        Message = "The leases of consumers cannot be read; retrying.")]
    public static partial void CannotLook(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 2008, Level = LogLevel.Warning,
        Message = "Consumer {Consumer} did not finish its batch within {LimitMs} ms and was abandoned.")]
    public static partial void Abandoned(ILogger logger, string consumer, double limitMs);

    [LoggerMessage(
        EventId = 2010, Level = LogLevel.Warning,
        Message = "Consumer {Consumer} took the event at position {Position} out of its batch. The key '{Key}' is "
            + "blocked until the retry at {RetryAt:O} (attempt {Attempt} failed): {Error}")]
    public static partial void TakenOut(
        ILogger logger, string consumer, long position, string key, int attempt, DateTimeOffset retryAt, string? error);

    [LoggerMessage(
        EventId = 2011, Level = LogLevel.Error,
        Message = "Consumer {Consumer} parked the event at position {Position}: attempt {Attempt} was the last. The "
            + "key '{Key}' is blocked until an operator decides about the dead letter: {Error}")]
    public static partial void Parked(
        ILogger logger, string consumer, long position, string key, int attempt, string? error);

    [LoggerMessage(
        EventId = 2012, Level = LogLevel.Information,
        Message = "Consumer {Consumer} handled the event at position {Position}, key '{Key}', in attempt {Attempt}.")]
    public static partial void Passed(ILogger logger, string consumer, long position, string key, int attempt);

    [LoggerMessage(
        EventId = 2015, Level = LogLevel.Warning,
        Message = "Consumer {Consumer} waits: circuit '{Circuit}' is open and is probed in {DelayMs} ms.")]
    public static partial void CircuitOpen(ILogger logger, string consumer, string circuit, double delayMs);

    [LoggerMessage(EventId = 2013, Level = LogLevel.Warning, Message = "An observer of consumer {Consumer} failed.")]
    public static partial void ObserverFailed(ILogger logger, string consumer, Exception exception);

    [LoggerMessage(
        EventId = 2014,
        Level = LogLevel.Information,
        Message = "Read model {Name} is now served from {After}, which has caught up; {Before} is kept for a rollback."
    )]
    public static partial void Switched(ILogger logger, string name, string before, string after);

    [LoggerMessage(
        EventId = 2016,
        Level = LogLevel.Warning,
        Message = "The build of read model {Name} does not take over automatically: {Problem}.")]
    public static partial void DoesNotTakeOver(ILogger logger, string name, string problem);

    [LoggerMessage(
        EventId = 2017, Level = LogLevel.Warning,
        Message = "Consumer {Consumer}, partition {Partition}, was taken over by node {Successor}: this node, {Node}, "
            + "did not renew its lease in time. Its unfinished writes are refused.")]
    public static partial void TakenOver(ILogger logger, string consumer, int partition, string successor, string node);

    [LoggerMessage(
        EventId = 2018,
        Level = LogLevel.Information,
        Message = "Consumer {Consumer}, partition {Partition}, finishes its batch and moves to node {Successor}, "
            + "which has fewer partitions."
    )]
    public static partial void Yields(ILogger logger, string consumer, int partition, string successor);

    [LoggerMessage(
        EventId = 2020,
        Level = LogLevel.Information,
        Message = "The documents {Collection} are removed: no node reads them anymore.")]
    public static partial void Removed(ILogger logger, string collection);

    [LoggerMessage(
        EventId = 2021, Level = LogLevel.Warning,
        Message = "The documents {Collection} cannot be removed yet; a node removes them at a later cleanup.")]
    public static partial void CannotRemove(ILogger logger, string collection, Exception exception);

    [LoggerMessage(
        EventId = 2022, Level = LogLevel.Information,
        Message = "Consumer {Consumer}, which had {Before} partitions, is now divided into {Partitions}.")]
    public static partial void Divided(ILogger logger, string consumer, int before, int partitions);

    [LoggerMessage(
        EventId = 2023,
        Level = LogLevel.Warning,
        Message = "Consumer {Consumer} keeps {Before} partitions and is not divided into {Partitions}, as long as "
            + "{Obstacle}."
    )]
    public static partial void CannotDivide(
        ILogger logger, string consumer, int before, int partitions, string obstacle);

    [LoggerMessage(
        EventId = 2030, Level = LogLevel.Warning,
        Message = "Consumer {Consumer} cannot remove expired documents. Reads omit them. It continues with events, and "
            + "tries again in {Pause}.")]
    public static partial void CannotRemoveExpired(
        ILogger logger, string consumer, TimeSpan pause, Exception exception);

    [LoggerMessage(
        EventId = 2029,
        Level = LogLevel.Debug,
        Message = "The lease of consumer {Consumer} cannot be renewed at the moment, because its row is locked; "
            + "retrying."
    )]
    public static partial void CannotTend(ILogger logger, string consumer, Exception exception);

    [LoggerMessage(
        EventId = 2009, Level = LogLevel.Warning,
        Message = "The lease of consumer {Consumer} cannot be released; it will expire.")]
    public static partial void CannotRelease(ILogger logger, string consumer, Exception exception);
}
