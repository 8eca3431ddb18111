namespace Millrace.Storage;

/// <summary>The outcome of one request of a batch.</summary>
public sealed class CommitOutcome
{
    private CommitOutcome(CommitResult result) => Result = result;

    /// <summary>Gets the result.</summary>
    public CommitResult Result { get; }

    /// <summary>Gets the placements of the request's appends, in order; empty if the request was refused.</summary>
    public IReadOnlyList<AppendPlacement> Placements { get; private init; } = [];

    /// <summary>
    /// Gets the last position that the request wrote. For a request without events, this is the last position of the
    /// log.
    /// </summary>
    public long Position { get; private init; }

    /// <summary>Gets the time recorded for the events.</summary>
    public DateTimeOffset Timestamp { get; private init; }

    /// <summary>
    /// Gets the version of the documents that the request wrote. The version is 0 if the request wrote no document, or
    /// if the version is unknown after a broken connection.
    /// </summary>
    public long DocumentVersion { get; private init; }

    /// <summary>
    /// Gets the stored answer if a command or message of the request was handled before; otherwise null.
    /// </summary>
    public HandledAnswer? FirstAnswer { get; private init; }

    /// <summary>
    /// Gets the exception that contains the reason for a refusal; null if the request was not refused. The public API
    /// throws this exception.
    /// </summary>
    public MillraceException? Refusal { get; private init; }

    /// <summary>
    /// Returns the conflict if another client changed a document of the request after it was read; null if the request
    /// was not refused.
    /// </summary>
    /// <exception cref="MillraceException">The request was refused for another reason.</exception>
    internal DocumentConflictException? FindDocumentConflict() => Refusal switch
    {
        null => null,
        DocumentConflictException conflict => conflict,
        var refusal => throw refusal,
    };

    /// <summary>Gets the name of the shard whose log has the positions; null for the log of a single store.</summary>
    internal string? Shard { get; private init; }

    /// <summary>Gets the epoch of the log of the shard; 0 for the log of a single store.</summary>
    internal long LogEpoch { get; private init; }

    /// <summary>Returns the outcome as that of a shard.</summary>
    internal CommitOutcome InShard(string shard, long logEpoch) => new(Result)
    {
        Placements = Placements,
        Position = Position,
        Timestamp = Timestamp,
        DocumentVersion = DocumentVersion,
        FirstAnswer = FirstAnswer is null ? null : FirstAnswer with { Shard = shard },
        Refusal = Refusal,
        Shard = shard,
        LogEpoch = logEpoch,
    };

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

    /// <summary>
    /// Returns the outcome with its positions increased by <paramref name="lastPosition"/>. They were counted as if the
    /// log were empty. The outcome of a refused request does not change.
    /// </summary>
    internal CommitOutcome RebasedOn(long lastPosition, DateTimeOffset timestamp)
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

/// <summary>The result of a request.</summary>
public enum CommitResult
{
    /// <summary>The request was written.</summary>
    Committed,

    /// <summary>
    /// The stream already contained events with the same ids at the same versions. This request wrote nothing.
    /// </summary>
    Repeated,

    /// <summary>
    /// A command or message that this request handles was handled before. This request wrote nothing.
    /// </summary>
    HandledBefore,

    /// <summary>The request was refused and wrote nothing.</summary>
    Refused,
}

/// <summary>The versions and positions of an append.</summary>
/// <param name="FirstVersion">The version of the first event.</param>
/// <param name="LastVersion">The version of the last event.</param>
/// <param name="FirstPosition">The position of the first event.</param>
/// <param name="LastPosition">The position of the last event.</param>
public readonly record struct AppendPlacement(
    long FirstVersion, long LastVersion, long FirstPosition, long LastPosition);
