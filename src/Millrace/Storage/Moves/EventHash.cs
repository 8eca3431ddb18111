using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Millrace.Storage.Moves;

/// <summary>
/// Computes a SHA-256 hash of all values of events. Equal events have the same hash in every storage.
/// </summary>
internal sealed class EventHash : IDisposable
{
    private const int FlushThreshold = 64 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _buffer = new(FlushThreshold * 2);

    public void Add(RecordedEvent recorded)
    {
        Add(recorded.Position);
        Add(recorded.Version);
        Add(recorded.SchemaVersion);
        Add(recorded.Timestamp.UtcTicks);
        Add(recorded.Id);
        Add(recorded.CorrelationId);
        Add(recorded.CausationId);
        Add(recorded.Stream.Value);
        Add(recorded.Type);
        Add(recorded.ContentType);
        Add(recorded.Source);
        Add(recorded.EncryptionKeyId);
        Add(recorded.Tags.Count);
        foreach (var tag in recorded.Tags)
            Add(tag.ToString());
        Add(recorded.MetadataBytes.Span);
        Add(recorded.Payload.Span);
        if (_buffer.WrittenCount >= FlushThreshold)
            Flush();
    }

    /// <summary>Returns the hash of the added events, and starts a new hash.</summary>
    public byte[] Take()
    {
        Flush();
        return _hash.GetHashAndReset();
    }

    public void Dispose() => _hash.Dispose();

    private void Flush()
    {
        _hash.AppendData(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }

    private void Add(long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(sizeof(long)), number);
        _buffer.Advance(sizeof(long));
    }

    private void Add(Guid? id)
    {
        Add(id is null ? 0 : 1);
        (id ?? default).TryWriteBytes(_buffer.GetSpan(16), bigEndian: true, out var written);
        _buffer.Advance(written);
    }

    private void Add(string? text)
    {
        if (text is null)
        {
            Add(-1);
            return;
        }
        Add(Encoding.UTF8.GetByteCount(text));
        var span = _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _buffer.Advance(Encoding.UTF8.GetBytes(text, span));
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        _buffer.Write(bytes);
    }
}
