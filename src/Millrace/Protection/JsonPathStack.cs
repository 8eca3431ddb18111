using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Millrace.Protection;

/// <summary>The path of the current value while JSON is read. Builds the text only when it is needed.</summary>
internal ref struct JsonPathStack(ReadOnlySpan<byte> json)
{
    public const int MaxDepth = 64; // The maximum depth of Utf8JsonReader.

    private readonly ReadOnlySpan<byte> _json = json;
    private readonly Segment[] _segments = ArrayPool<Segment>.Shared.Rent(MaxDepth + 1);
    private int _count;

    /// <summary>Adds the member whose name the reader is at.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="declared">The name as it was declared, which may differ in case; null for none.</param>
    public void PushName(ref Utf8JsonReader reader, string? declared = null) =>
        _segments[_count++] = new Segment(
            (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, Index: -1, reader.ValueIsEscaped, declared);

    public void PushIndex(int index) => _segments[_count++] = new Segment(0, 0, index, IsEscaped: false, null);

    public void Pop() => _count--;

    /// <summary>Returns the path as a JSON pointer; empty for the whole value.</summary>
    public readonly string Build()
    {
        if (_count == 1)
            return "/" + TextOf(_segments[0]);
        var text = new StringBuilder();
        for (var i = 0; i < _count; i++)
            text.Append('/').Append(TextOf(_segments[i]));
        return text.ToString();
    }

    /// <summary>Returns the path with the names as they were declared.</summary>
    public readonly string BuildDeclared()
    {
        var text = new StringBuilder();
        for (var i = 0; i < _count; i++)
            text.Append('/').Append(_segments[i].Declared is { } name ? Escape(name) : TextOf(_segments[i]));
        return text.ToString();
    }

    public readonly void Dispose() => ArrayPool<Segment>.Shared.Return(_segments);

    /// <summary>Escapes a name for a JSON pointer.</summary>
    public static string Escape(string name) =>
        name.AsSpan().IndexOfAny('~', '/') < 0
            ? name
            : name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>Returns the name for a segment of a JSON pointer.</summary>
    public static string Unescape(string segment) =>
        segment.Contains('~', StringComparison.Ordinal)
            ? segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)
            : segment;

    private readonly string TextOf(in Segment segment)
    {
        if (segment.Index >= 0)
            return segment.Index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var bytes = _json.Slice(segment.Start, segment.Length);
        if (!segment.IsEscaped)
            return Escape(Encoding.UTF8.GetString(bytes));
        var reader = new Utf8JsonReader(_json.Slice(segment.Start - 1, segment.Length + 2));
        reader.Read();
        return Escape(reader.GetString()!); // A string token is never null.
    }

    /// <summary>A member name in the JSON, or the index of an item.</summary>
    internal readonly record struct Segment(int Start, int Length, int Index, bool IsEscaped, string? Declared);
}
