using System.Security.Cryptography;
using System.Text;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Maps the streams of a file to values by the hash of the stream's name. The map uses about 50 bytes for each stream,
/// so that a file can contain millions of streams.
/// </summary>
internal sealed class StreamHashMap<T>
    where T : struct
{
    private readonly Dictionary<UInt128, T> _values = [];

    public T? Find(StreamId stream) => _values.TryGetValue(KeyOf(stream), out var value) ? value : null;

    public void Put(StreamId stream, T value) => _values[KeyOf(stream)] = value;

    private static UInt128 KeyOf(StreamId stream)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(stream.Value));
        return new UInt128(BitConverter.ToUInt64(hash, 0), BitConverter.ToUInt64(hash, 8));
    }
}
