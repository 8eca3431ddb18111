namespace Millrace.Storage;

/// <summary>What became of one request of a batch.</summary>
public sealed class CommitOutcome
{
    private CommitOutcome(CommitResult result) => Result = result;

    /// <summary>What became of it.</summary>
    public CommitResult Result { get; }

    /// <summary>Where each of the request's appends stands, in their order; empty when refused.</summary>
    public IReadOnlyList<AppendPlacement> Placements { get; private init; } = [];

    /// <summary>The last position that the request wrote; for one that wrote no event, the last position of the
    /// log.</summary>
    public long Position { get; private init; }

    /// <summary>The time recorded for its events.</summary>
    public DateTimeOffset Timestamp { get; private init; }

    /// <summary>
    /// The version that the documents it wrote have now; 0 when it wrote none, or when that could not be told after a
    /// broken connection.
    /// </summary>
    public long DocumentVersion { get; private init; }

    /// <summary>The first answer, when it was handled before.</summary>
    public HandledAnswer? FirstAnswer { get; private init; }

    /// <summary>Why it was refused; thrown at the public edge.</summary>
    public MillraceException? Refusal { get; private init; }

    internal static CommitOutcome Committed(
        AppendPlacement[] placements,
        long position,
        DateTimeOffset timestamp,
        long documentVersion = 0) =>
        new(CommitResult.Committed)
        {
            Placements = placements,
            Position = position,
            Timestamp = timestamp,
            DocumentVersion = documentVersion,
        };

    /// <summary>The same behind another end of the log; what was refused is refused there as well.</summary>
    internal CommitOutcome Behind(long lastPosition, DateTimeOffset timestamp)
    {
        if (Result != CommitResult.Committed)
            return this;
        var placements = new AppendPlacement[Placements.Count];
        for (var i = 0; i < placements.Length; i++)
        {
            var (firstVersion, lastVersion, first, last) = Placements[i];
            placements[i] = new AppendPlacement(firstVersion, lastVersion, lastPosition + first, lastPosition + last);
        }
        return Committed(placements, lastPosition + Position, timestamp, DocumentVersion);
    }

    internal static CommitOutcome Repeated(AppendPlacement[] placements, long position) =>
        new(CommitResult.Repeated) { Placements = placements, Position = position };

    internal static CommitOutcome HandledBefore(HandledAnswer answer) =>
        new(CommitResult.HandledBefore) { FirstAnswer = answer, Position = answer.Position };

    internal static CommitOutcome Refused(MillraceException refusal) => new(CommitResult.Refused) { Refusal = refusal };
}

/// <summary>What became of a request.</summary>
public enum CommitResult
{
    /// <summary>It is written.</summary>
    Committed,

    /// <summary>Its events were written before, with the same ids in the same place; nothing was written now.</summary>
    Repeated,

    /// <summary>One of its handled ids was handled before; nothing was written now.</summary>
    HandledBefore,

    /// <summary>It was refused; nothing was written.</summary>
    Refused,
}

/// <summary>Where an append stands.</summary>
/// <param name="FirstVersion">The version of its first event.</param>
/// <param name="LastVersion">The version of its last event.</param>
/// <param name="FirstPosition">The position of its first event.</param>
/// <param name="LastPosition">The position of its last event.</param>
public readonly record struct AppendPlacement(
    long FirstVersion, long LastVersion, long FirstPosition, long LastPosition);
