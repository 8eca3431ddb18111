using System.Buffers.Text;
using System.Globalization;
using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>The id of an entry. The entries of a stream are in the order of their ids.</summary>
internal readonly record struct EntryId(ulong Milliseconds, ulong Number) : IComparable<EntryId>
{
    /// <exception cref="RedisConnectionLostException">The value is not an id.</exception>
    public static EntryId Parse(RedisResult value) => Parse(value.Value("the id of an entry"));

    /// <exception cref="RedisConnectionLostException">The value is not an id.</exception>
    public static EntryId Parse(RedisValue value)
    {
        var text = ((ReadOnlyMemory<byte>)value).Span;
        return
            Utf8Parser.TryParse(text, out ulong milliseconds, out var first)
            && first < text.Length
            && text[first] == (byte)'-'
            && Utf8Parser.TryParse(text[(first + 1)..], out ulong number, out var second)
            && first + 1 + second == text.Length
            ? new EntryId(milliseconds, number)
            : throw RedisConnectionLostException.UnexpectedReply($"the id of an entry is '{value}'");
    }

    public int CompareTo(EntryId other) =>
        Milliseconds != other.Milliseconds
            ? Milliseconds.CompareTo(other.Milliseconds)
            : Number.CompareTo(other.Number);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}-{Number}");
}
