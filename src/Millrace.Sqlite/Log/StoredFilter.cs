using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;

namespace Millrace.Sqlite.Log;

/// <summary>A filter translated to the numbers of the store. It matches rows.</summary>
internal sealed class StoredFilter
{
    private readonly StreamTable _streams;
    private readonly string? _prefix;
    private readonly byte[][] _tags;

    public StoredFilter(Connection connection, EventFilter filter, NameTable names, StreamTable streams)
    {
        _streams = streams;
        _prefix = filter.StreamPrefix is "" ? null : filter.StreamPrefix;
        Filter = filter;
        Types = TypesOf(connection, filter, names);
        Source = filter.Source is null ? null : names.Find(connection, filter.Source);
        _tags = filter.Tags.Count == 0 ? [] : [.. filter.Tags.Select(tag => EncodedTag(tag))];
        MatchesNothing = (filter.Types.Count > 0 && Types.Length == 0) || Source == 0;
    }

    public EventFilter Filter { get; }

    /// <summary>The numbers of the filter's types, without types that were never stored.</summary>
    public long[] Types { get; }

    /// <summary>The number of the filter's source; 0 if it was never stored, null if the filter has none.</summary>
    public long? Source { get; }

    /// <summary>Gets whether the filter's types or its source were never stored.</summary>
    public bool MatchesNothing { get; }

    /// <summary>Returns true if the event in a row matches, apart from its time.</summary>
    public bool Matches(Connection connection, Statement row)
    {
        if (Types.Length > 0 && Array.IndexOf(Types, row.GetInt64(EventColumns.Type)) < 0)
            return false;
        if (Source is { } source && row.GetInt64(EventColumns.Source) != source)
            return false;
        if (Filter.CorrelationId is { } correlation && row.FindGuid(EventColumns.Correlation) != correlation)
            return false;
        if (_tags.Length > 0 && !HasTags(row.GetBytes(EventColumns.Tags)))
            return false;
        return _prefix is null
            || _streams
                .Get(connection, row.GetInt64(EventColumns.Stream))
                .Value.StartsWith(_prefix, StringComparison.Ordinal);
    }

    private static byte[] EncodedTag(Tag tag)
    {
        var text = tag.ToString();
        var bytes = new byte[Utf8Text.MaxBytes(text.Length)];
        return bytes[..Utf8Text.Encode(text, bytes)];
    }

    private static long[] TypesOf(Connection connection, EventFilter filter, NameTable names)
    {
        if (filter.Types.Count == 0)
            return [];
        var numbers = new HashSet<long>();
        foreach (var type in filter.Types)
        {
            if (names.Find(connection, type) is > 0 and var number)
                numbers.Add(number);
        }
        return [.. numbers];
    }

    private bool HasTags(ReadOnlySpan<byte> stored)
    {
        foreach (var tag in _tags)
        {
            if (!HasTag(stored, tag))
                return false;
        }
        return true;
    }

    private static bool HasTag(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> tag)
    {
        foreach (var range in stored.Split((byte)0))
        {
            if (stored[range].SequenceEqual(tag))
                return true;
        }
        return false;
    }
}
