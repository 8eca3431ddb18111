using System.Globalization;

namespace Millrace;

/// <summary>What keeps a consumer from getting on.</summary>
/// <param name="Message">What went wrong.</param>
/// <param name="Attempts">How many times it was tried.</param>
/// <param name="At">When it last went wrong.</param>
public sealed record ConsumerProblem(string Message, int Attempts, DateTimeOffset At)
{
    /// <summary>The position of the event it fails on; null when it is not an event's fault, or not known to
    /// be.</summary>
    public long? Position { get; init; }

    /// <summary>That event's stream.</summary>
    public StreamId? Stream { get; init; }

    /// <summary>The key that is held up: that event's, or the one for which too much waits; null when it is not
    /// known.</summary>
    public string? Key { get; init; }

    /// <summary>That event's type.</summary>
    public string? EventType { get; init; }

    /// <summary>That event's id.</summary>
    public Guid? EventId { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Position is null
            ? Message
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Event {EventId} ('{EventType}' in '{Stream}'{KeyText}) at position {Position}: {Message}");

    private string KeyText => Key is null || Key == Stream?.Value ? "" : $", key '{Key}'";

    internal static ConsumerProblem Of(
        Exception exception,
        RecordedEvent? recorded,
        int attempts,
        DateTimeOffset now,
        ConsumerProcessor? work = null) =>
        new(exception.Message, attempts, now)
        {
            Position = recorded?.Position,
            Stream = recorded?.Stream,
            Key = recorded is null
                ? (exception as KeyBacklogFullException)?.Key
                : work?.KeysOf(recorded).FirstOrDefault(key => key.Length > 0),
            EventType = recorded?.Type,
            EventId = recorded?.Id,
        };
}
