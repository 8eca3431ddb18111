using System.Text;

namespace Millrace.Kafka.Native;

/// <summary>
/// Writes records one after the other into the same pinned memory, and sends each with one call. For one thread at a
/// time.
/// </summary>
internal sealed unsafe class RecordWriter
{
    private const int FirstBytes = 4 * 1024;
    private const int MaxRetainedBytes = 256 * 1024;
    private const int FirstParts = 16;

    // An upper bound of the overhead of a header, in addition to its bytes.
    private const int HeaderOverhead = 8;

    private const int AnyPartition = -1;
    private const int CopyFlag = 2;
    private const int MaxBytesPerCharacter = 3;

    private byte[] _bytes = NewBytes(FirstBytes);
    private RecordPart[] _parts = NewParts(FirstParts);
    private int _used;
    private int _count;

    /// <summary>Gets the approximate size of the key and the headers.</summary>
    public int HeaderBytes { get; private set; }

    /// <summary>Starts a record.</summary>
    public void Begin(string topic, string key)
    {
        if (_bytes.Length > MaxRetainedBytes)
            _bytes = NewBytes(FirstBytes);
        _used = 0;
        _count = 0;
        AddPart(PartKind.Topic).Pointers.First = WriteName(topic);
        AddPart(PartKind.Partition).Number = AnyPartition;
        AddPart(PartKind.Flags).Number = CopyFlag;
        ref var part = ref AddPart(PartKind.Key).Pointers;
        (part.First, part.Second) = Write(key);
        HeaderBytes = (int)part.Second;
    }

    public void AddHeader(string name, string value)
    {
        ref var part = ref AddPart(PartKind.Header).Pointers;
        part.First = WriteName(name);
        (part.Second, part.Third) = Write(value);
        HeaderBytes += name.Length + (int)part.Third + HeaderOverhead;
    }

    /// <summary>Sends the record.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="body">The value of the record.</param>
    /// <param name="number">The number for the delivery report.</param>
    /// <returns>0, or an error that must be destroyed.</returns>
    public nint Produce(nint producer, ReadOnlySpan<byte> body, uint number)
    {
        AddPart(PartKind.Opaque).Pointers.First = unchecked((nint)number);
        ref var value = ref AddPart(PartKind.Value).Pointers;
        fixed (byte* bytes = _bytes, bodyBytes = body)
        fixed (RecordPart* parts = _parts)
        {
            for (var i = 0; i < _count; i++)
                ReplaceOffsets(ref parts[i], (nint)bytes);
            // An empty body still needs a pointer that is not null.
            value.First = (nint)(bodyBytes is null ? bytes : bodyBytes);
            value.Second = body.Length;
            return Librdkafka.Produce(producer, parts, (nuint)_count);
        }
    }

    /// <summary>
    /// Replaces the offsets in a part by pointers. Until the record is complete, the memory may be reallocated, and a
    /// part contains offsets.
    /// </summary>
    private static void ReplaceOffsets(ref RecordPart part, nint bytes)
    {
        if (part.Kind is PartKind.Topic or PartKind.Key or PartKind.Header)
            part.Pointers.First += bytes;
        if (part.Kind == PartKind.Header)
            part.Pointers.Second += bytes;
    }

    private ref RecordPart AddPart(PartKind kind)
    {
        if (_count == _parts.Length)
        {
            var larger = NewParts(_count * 2);
            _parts.CopyTo(larger, 0);
            _parts = larger;
        }
        ref var part = ref _parts[_count++];
        part.Kind = kind;
        return ref part;
    }

    /// <summary>Writes a zero-terminated text.</summary>
    private int WriteName(string name)
    {
        var (start, _) = Write(name);
        _bytes[_used++] = 0;
        return (int)start;
    }

    private (nint Start, nint Length) Write(string text)
    {
        var maxBytes = checked((text.Length * MaxBytesPerCharacter) + 1); // Includes the zero that ends a name.
        if (_bytes.Length - _used < maxBytes)
        {
            var larger = NewBytes(checked(Math.Max(_bytes.Length * 2, _used + maxBytes)));
            _bytes.AsSpan(0, _used).CopyTo(larger);
            _bytes = larger;
        }
        var start = _used;
        _used += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(start));
        return (start, _used - start);
    }

    private static byte[] NewBytes(int count) => GC.AllocateUninitializedArray<byte>(count, pinned: true);

    private static RecordPart[] NewParts(int count) => GC.AllocateArray<RecordPart>(count, pinned: true);
}
