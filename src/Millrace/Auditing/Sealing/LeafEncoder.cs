using Millrace.Auditing.Merkle;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// Converts the positions of the log to the leaves of the Merkle tree. The leaf with index <c>n</c> is position
/// <c>n + 1</c>. The format is permanent: stored hashes depend on it. Not thread-safe.
/// </summary>
/// <remarks>
/// A leaf starts with the version of the format, 1, and the kind, 1 for an event and 2 for a position whose event was
/// removed before it was sealed. The position follows, as 8 bytes. For an event, these values follow: stream, version
/// (8 bytes), id (16), type, schema version (4), content type, time (8), payload, metadata, source, correlation id,
/// causation id, id of the key, number of tags (4), and each tag as <c>name:value</c>. <see cref="CanonicalWriter"/>
/// documents the bytes of each value.
/// </remarks>
internal sealed class LeafEncoder
{
    private const byte FormatVersion = 1;
    private const byte EventKind = 1;
    private const byte RemovedKind = 2;

    private readonly CanonicalWriter _writer = new();

    /// <summary>Returns the bytes of an event's leaf. They are valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode(RecordedEvent recorded)
    {
        _writer.Clear();
        _writer.Write(FormatVersion);
        _writer.Write(EventKind);
        _writer.Write(recorded.Position);
        _writer.Write(recorded.Stream.Value);
        _writer.Write(recorded.Version);
        _writer.Write(recorded.Id);
        _writer.Write(recorded.Type);
        _writer.Write(recorded.SchemaVersion);
        _writer.Write(recorded.ContentType);
        _writer.Write(recorded.Timestamp);
        _writer.Write(recorded.Payload.Span);
        _writer.Write(recorded.MetadataBytes.Span);
        _writer.Write(recorded.Source);
        _writer.Write(recorded.CorrelationId);
        _writer.Write(recorded.CausationId);
        _writer.Write(recorded.EncryptionKeyId);
        _writer.Write(recorded.Tags.Count);
        foreach (var tag in recorded.Tags)
            _writer.Write(tag.ToString());
        return _writer.Written;
    }

    /// <summary>
    /// Returns the bytes of the leaf of a position whose event was removed before it was sealed. They are valid until
    /// the next call.
    /// </summary>
    public ReadOnlySpan<byte> EncodeRemoved(long position)
    {
        _writer.Clear();
        _writer.Write(FormatVersion);
        _writer.Write(RemovedKind);
        _writer.Write(position);
        return _writer.Written;
    }

    /// <summary>Returns the hash of an event's leaf.</summary>
    public Hash256 Hash(RecordedEvent recorded) => MerkleHash.Leaf(Encode(recorded));

    /// <summary>Returns the hash of the leaf of a position whose event was removed before it was sealed.</summary>
    public Hash256 HashRemoved(long position) => MerkleHash.Leaf(EncodeRemoved(position));
}
