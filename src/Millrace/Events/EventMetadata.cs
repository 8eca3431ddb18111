using System.Collections.Immutable;

namespace Millrace;

/// <summary>What is known about an event beyond its payload: where it came from and for whom. Immutable.</summary>
/// <remarks>
/// Correlation and causation are properties of <see cref="RecordedEvent"/>, because they are looked up. Texts are kept
/// as they are; one that holds half of a surrogate pair is refused at the append with
/// <see cref="InvalidNameException"/>.
/// </remarks>
public sealed record EventMetadata
{
    /// <summary>Metadata that says nothing.</summary>
    public static EventMetadata Empty { get; } = new();

    /// <summary>The service or program that appended the event. Events can be read by it.</summary>
    public string? Source { get; init; }

    /// <summary>The user on whose behalf it happened.</summary>
    public string? UserId { get; init; }

    /// <summary>The user's session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The request that led to it.</summary>
    public string? RequestId { get; init; }

    /// <summary>The stable name of the command whose handler decided on it; noted by the command bus.</summary>
    public string? Command { get; init; }

    /// <summary>The environment, such as <c>production</c>.</summary>
    public string? Environment { get; init; }

    /// <summary>The version of the application that appended it; noted by the store when it knows it.</summary>
    public string? ApplicationVersion { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) of the append.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Which fields of the payload are encrypted and how; null when none is.</summary>
    public EncryptionInfo? Encryption { get; init; }

    /// <summary>Who may see the event, in the words of the application's access rules; null when nothing is
    /// said.</summary>
    public string? Access { get; init; }

    /// <summary>
    /// The oldest schema version of the event's type whose readers can read it too, as its type said when it was
    /// appended; null when only its own can.
    /// </summary>
    public int? ReadableBy { get; init; }

    /// <summary>Whatever else is to be kept; empty by default.</summary>
    public ImmutableSortedDictionary<string, string> Extensions { get; init; }
        = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>True when nothing is said.</summary>
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

/// <summary>How parts of a payload are encrypted.</summary>
/// <param name="Algorithm">The algorithm, such as <c>AES-256-GCM</c>.</param>
/// <param name="KeyId">The key, by name.</param>
/// <param name="Fields">Paths of the encrypted fields.</param>
public sealed record EncryptionInfo(string Algorithm, string KeyId, ImmutableArray<string> Fields)
{
    /// <inheritdoc/>
    public bool Equals(EncryptionInfo? other) =>
        other is not null && Algorithm == other.Algorithm && KeyId == other.KeyId && Paths.SequenceEqual(other.Paths);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Algorithm, KeyId, Paths.Length);

    private ImmutableArray<string> Paths => Fields.IsDefault ? [] : Fields;
}
