namespace Millrace;

/// <summary>The version that a stream must have so that the store accepts an append.</summary>
/// <remarks>
/// Versions start with 1, and version 0 means that the stream does not exist. The store refuses the default value, so
/// that a missing version is detected.
/// </remarks>
public readonly record struct ExpectedVersion
{
    private readonly Kind _kind;
    private readonly long _version;

    private ExpectedVersion(Kind kind, long version = 0)
    {
        _kind = kind;
        _version = version;
    }

    /// <summary>Accepts the append at any version of the stream.</summary>
    public static ExpectedVersion Any => new(Kind.Any);

    /// <summary>
    /// Accepts the append only if the stream does not exist, or if no event was appended after the stream was deleted.
    /// </summary>
    public static ExpectedVersion NoStream => new(Kind.Exactly);

    /// <summary>Accepts the append only if the stream has at least one event.</summary>
    public static ExpectedVersion StreamExists => new(Kind.Exists);

    /// <summary>
    /// Gets whether the stream must have a single version, as with <see cref="NoStream"/> and <see cref="Exactly"/>.
    /// </summary>
    public bool IsExact => _kind == Kind.Exactly;

    /// <summary>Gets whether this is <see cref="Any"/>.</summary>
    public bool IsAny => _kind == Kind.Any;

    /// <summary>Gets the version of <see cref="Exactly"/>; 0 for all other values.</summary>
    public long Version => _version;

    internal bool IsDefault => _kind == Kind.None;

    /// <summary>Accepts the append only if the stream's last event has <paramref name="version"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is less than 1.</exception>
    public static ExpectedVersion Exactly(long version)
    {
        if (version < 1)
            throw new ArgumentOutOfRangeException(
                nameof(version), version, "Versions start with 1. For a stream without events, use NoStream.");
        return new(Kind.Exactly, version);
    }

    /// <summary>
    /// Returns the expected version for a version that was read, which is <see cref="NoStream"/> for 0 and otherwise
    /// <see cref="Exactly"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is negative.</exception>
    public static ExpectedVersion AsRead(long version) => version == 0 ? NoStream : Exactly(version);

    /// <summary>Returns whether an append to a stream with the version <paramref name="actual"/> is accepted.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public bool Accepts(long actual) =>
        _kind switch
        {
            Kind.Any => true,
            Kind.Exists => actual > 0,
            Kind.Exactly => actual == _version,
            _ => throw new InvalidOperationException(
                "The expected version is not set: choose Any, NoStream, StreamExists or Exactly."),
        };

    /// <inheritdoc/>
    public override string ToString() => _kind switch
    {
        Kind.Any => "any version",
        Kind.Exists => "an existing stream",
        Kind.Exactly when _version == 0 => "no stream",
        Kind.Exactly => $"version {_version}",
        _ => "no expected version",
    };

    private enum Kind
    {
        None,
        Any,
        Exists,
        Exactly,
    }
}
