using System.Text;

namespace Millrace.Kafka;

/// <summary>
/// Caches the texts of headers: names, and values that are the same in consecutive records. For one thread.
/// </summary>
internal sealed class HeaderCache
{
    private const int MaxEntries = 64;
    private const int MaxEntryLength = 256; // Bytes of a name, or characters of a value.

    private readonly List<Known> _known = [];
    private int _next; // Records of a sender have their headers in the same order.

    /// <summary>Returns the texts of a header.</summary>
    public (string Name, string Value) Read(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Find(name) is not { } known)
            return (Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value));
        if (known.Value is null || !Ascii.Equals(value, known.Value))
        {
            var text = Encoding.UTF8.GetString(value);
            known.Value = text.Length <= MaxEntryLength ? text : null;
            return (known.Name, text);
        }
        return (known.Name, known.Value);
    }

    /// <summary>Returns the entry of a name; null if the cache is full, or if the name is too long.</summary>
    private Known? Find(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _known.Count; i++)
        {
            var index = (_next + i) % _known.Count;
            if (!name.SequenceEqual(_known[index].Bytes))
                continue;
            _next = index + 1;
            return _known[index];
        }
        if (_known.Count == MaxEntries || name.Length > MaxEntryLength)
            return null;
        _known.Add(new Known(name.ToArray()));
        return _known[^1];
    }

    private sealed class Known(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public string Name { get; } = Encoding.UTF8.GetString(bytes);

        /// <summary>Gets or sets its last value.</summary>
        public string? Value { get; set; }
    }
}
