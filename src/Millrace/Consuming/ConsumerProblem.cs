using System.Globalization;
using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Storage;

namespace Millrace;

/// <summary>The error that keeps a consumer from making progress.</summary>
/// <param name="Message">The error message.</param>
/// <param name="Attempts">The number of attempts.</param>
/// <param name="At">The time of the last failure.</param>
public sealed record ConsumerProblem(string Message, int Attempts, DateTimeOffset At)
{
    /// <summary>
    /// Gets the position of the failing event; null if no event caused the error, or if the event is unknown.
    /// </summary>
    public long? Position { get; init; }

    /// <summary>Gets the stream of the failing event.</summary>
    public StreamId? Stream { get; init; }

    /// <summary>
    /// Gets the blocked key; null if it is unknown. It is the key of the event, or the key for which too many events
    /// wait.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>Gets the type of the failing event.</summary>
    public string? EventType { get; init; }

    /// <summary>Gets the id of the failing event.</summary>
    public Guid? EventId { get; init; }

    /// <summary>Gets whether the storage reported damaged data.</summary>
    internal bool IsDamage { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Position is null
            ? Message
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Event {EventId} ('{EventType}' in '{Stream}'{KeyText}) at position {Position}: {Message}");

    private string KeyText => Key is null || Key == Stream?.Value ? "" : $", key '{Key}'";

    /// <summary>
    /// Returns the message of an error. If the event has encrypted values, the message of application code could
    /// contain one, so the result is only the type of the error.
    /// </summary>
    private static string TextOf(Exception exception, RecordedEvent? recorded) =>
        recorded?.EncryptionKeyId is null || exception is MillraceException
            ? exception.Message
            : exception.GetType().FullName ?? exception.GetType().Name;

    internal static ConsumerProblem Of(
        Exception exception,
        RecordedEvent? recorded,
        int attempts,
        DateTimeOffset now,
        ConsumerProcessor? processor = null) =>
        new(TextOf(exception, recorded), attempts, now)
        {
            Position = recorded?.Position,
            Stream = recorded?.Stream,
            Key = recorded is null
                ? (exception as KeyBacklogFullException)?.Key
                : processor?.KeysOf(recorded).FirstOrDefault(key => key.Length > 0),
            EventType = recorded?.Type,
            EventId = recorded?.Id,
            IsDamage = exception is StorageException { Problem: StorageProblem.Damaged },
        };
}
