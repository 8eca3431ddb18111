using System.Collections.Immutable;

namespace Millrace;

/// <summary>
/// Contains information about an event in addition to its payload, such as its source and its user. Immutable.
/// </summary>
/// <remarks>
/// Correlation and causation ids are not part of the metadata but properties of <see cref="RecordedEvent"/>, so that
/// readers can filter events by them. Texts are stored unchanged. If a text contains half of a surrogate pair, the
/// append is refused with <see cref="InvalidNameException"/>.
/// </remarks>
public sealed record EventMetadata
{
    /// <summary>Gets empty metadata.</summary>
    public static EventMetadata Empty { get; } = new();

    /// <summary>
    /// Gets the name of the service or program that appended the event. Readers can filter events by this name.
    /// </summary>
    public string? Source { get; init; }

    /// <summary>Gets the id of the user on whose behalf the event was appended.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets the id of the user's session.</summary>
    public string? SessionId { get; init; }

    /// <summary>Gets the id of the request that led to the event.</summary>
    public string? RequestId { get; init; }

    /// <summary>
    /// Gets the stable name of the command whose handler raised the event. The command bus sets this value.
    /// </summary>
    public string? Command { get; init; }

    /// <summary>Gets the environment, such as <c>production</c>.</summary>
    public string? Environment { get; init; }

    /// <summary>
    /// Gets the version of the application that appended the event. The store sets this value if it knows the version.
    /// </summary>
    public string? ApplicationVersion { get; init; }

    /// <summary>Gets the W3C trace context (<c>traceparent</c>) of the append.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Gets information about the encrypted fields of the payload; null if no field is encrypted.</summary>
    public EncryptionInfo? Encryption { get; init; }

    /// <summary>
    /// Gets the access rule of the event, which the application defines; null if the event has no access rule.
    /// </summary>
    public string? Access { get; init; }

    /// <summary>
    /// Gets the oldest schema version whose readers can also read this event; null if only readers of the event's
    /// schema version can read it. For an event object, the store sets the value that its type declares at the time of
    /// the append.
    /// </summary>
    public int? ReadableBy { get; init; }

    /// <summary>Gets additional values; empty by default.</summary>
    public ImmutableSortedDictionary<string, string> Extensions { get; init; }
        = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Gets whether no value is set.</summary>
    public bool IsEmpty => Equals(Empty);

    /// <inheritdoc/>
    public bool Equals(EventMetadata? other) =>
        ReferenceEquals(this, other)
        || (other is not null
            && (Source, UserId, SessionId, RequestId, Command)
                == (other.Source, other.UserId, other.SessionId, other.RequestId, other.Command)
            && (Environment, ApplicationVersion, TraceParent, Access)
                == (other.Environment, other.ApplicationVersion, other.TraceParent, other.Access)
            && Equals(Encryption, other.Encryption)
            && ReadableBy == other.ReadableBy
            && Extensions.SequenceEqual(other.Extensions));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Source, UserId, SessionId, RequestId, Extensions.Count);
}

/// <summary>Describes how parts of a payload are encrypted.</summary>
/// <param name="Algorithm">The algorithm, such as <c>AES-256-GCM</c>.</param>
/// <param name="KeyId">The id of the key.</param>
/// <param name="Fields">The paths of the encrypted fields.</param>
public sealed record EncryptionInfo(string Algorithm, string KeyId, ImmutableArray<string> Fields)
{
    /// <inheritdoc/>
    public bool Equals(EncryptionInfo? other) =>
        other is not null && Algorithm == other.Algorithm && KeyId == other.KeyId && Paths.SequenceEqual(other.Paths);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Algorithm, KeyId, Paths.Length);

    /// <summary>
    /// The algorithm of values that Millrace encrypted: AES-256-GCM, in version 1 of the stored form.
    /// </summary>
    internal const string MillraceAlgorithm = "AES-256-GCM;millrace=1";

    /// <summary>Gets whether Millrace encrypted the values, and not the application.</summary>
    public bool IsOfMillrace => Algorithm == MillraceAlgorithm;

    private ImmutableArray<string> Paths => Fields.IsDefault ? [] : Fields;
}
