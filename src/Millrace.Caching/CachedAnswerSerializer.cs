using System.Buffers.Binary;
using ZiggyCreatures.Caching.Fusion.Internals.Distributed;
using ZiggyCreatures.Caching.Fusion.Serialization;

namespace Millrace.Caching;

/// <summary>Converts entries of FusionCache to bytes, with the bytes of an answer as they are.</summary>
internal sealed class CachedAnswerSerializer : IFusionCacheSerializer
{
    private const int HeaderBytes = 16;

    public byte[] Serialize<T>(T? obj)
    {
        if (obj is not FusionCacheDistributedEntry<CachedAnswer> { Value: { } answer } entry)
            throw new NotSupportedException($"Only cached answers are stored in Redis, and not {typeof(T)}.");
        var bytes = new byte[HeaderBytes + answer.Bytes.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, entry.Timestamp);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), entry.LogicalExpirationTimestamp);
        answer.Bytes.CopyTo(bytes.AsMemory(HeaderBytes));
        return bytes;
    }

    public T? Deserialize<T>(byte[] data)
    {
        if (data.Length < HeaderBytes)
            throw new FormatException("The bytes in Redis are not a cached answer.");
        var entry = new FusionCacheDistributedEntry<CachedAnswer>(
            new CachedAnswer(data.AsMemory(HeaderBytes)),
            BinaryPrimitives.ReadInt64LittleEndian(data),
            BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(8)),
            null,
            null);
        return (T)(object)entry;
    }

    public ValueTask<byte[]> SerializeAsync<T>(T? obj, CancellationToken token = default) => new(Serialize(obj));

    public ValueTask<T?> DeserializeAsync<T>(byte[] data, CancellationToken token = default) =>
        new(Deserialize<T>(data));
}
