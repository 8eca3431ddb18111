namespace Millrace.Retention;

/// <summary>The first events of a stream, which a policy may remove.</summary>
internal sealed class StreamPart
{
    private readonly HashSet<string> _types = new(StringComparer.Ordinal);

    public long Events { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Gets the last version; 0 if the part is empty.</summary>
    public long LastVersion { get; private set; }

    public long LastPosition { get; private set; }

    /// <summary>Gets whether a legal hold keeps an event.</summary>
    public bool IsHeld { get; private set; }

    public IReadOnlySet<string> Types => _types;

    public void Add(RecordedEvent recorded, bool isHeld)
    {
        Events++;
        Bytes += recorded.Payload.Length + recorded.MetadataBytes.Length;
        (LastVersion, LastPosition) = (recorded.Version, recorded.Position);
        IsHeld |= isHeld;
        _types.Add(recorded.Type);
    }
}
