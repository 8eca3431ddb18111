using System.Text;

namespace Millrace;

/// <summary>A filter for events. An event must match all properties that are set.</summary>
public sealed record EventFilter
{
    /// <summary>Gets a filter that matches every event.</summary>
    public static EventFilter All { get; } = new();

    /// <summary>
    /// Gets the stored names of event types; empty for all types. An event must have one of these types.
    /// </summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Gets the tags. An event must have all of them.</summary>
    public IReadOnlyList<Tag> Tags { get; init; } = [];

    /// <summary>Gets the prefix of the stream's name.</summary>
    public string? StreamPrefix { get; init; }

    /// <summary>Gets the name of the service or program that appended the event.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the correlation id.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>Gets the earliest recorded time, inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Gets the latest recorded time, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Gets whether the filter matches every event.</summary>
    public bool IsAll => Types.Count == 0 && Tags.Count == 0 && StreamPrefix is null && Source is null
        && CorrelationId is null && From is null && To is null;

    /// <summary>Creates a filter for events that have one of the types.</summary>
    public static EventFilter OfTypes(params IReadOnlyList<string> types) => new() { Types = types };

    /// <summary>Creates a filter for events that have all of the tags.</summary>
    public static EventFilter WithTags(params IReadOnlyList<Tag> tags) => new() { Tags = tags };

    /// <summary>Creates a filter for events of streams whose names start with <paramref name="prefix"/>.</summary>
    public static EventFilter InStreams(string prefix) => new() { StreamPrefix = prefix };

    /// <summary>Returns whether the filter matches an event.</summary>
    public bool Matches(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        return Matches(recorded.Stream, recorded.Type, recorded.Tags, recorded.Source, recorded.CorrelationId)
            && (From is not { } from || recorded.Timestamp >= from)
            && (To is not { } to || recorded.Timestamp < to);
    }

    internal bool Matches(StreamId stream, string type, IReadOnlyList<Tag> tags, string? source, Guid? correlationId)
    {
        if (Types.Count > 0 && !Contains(Types, type))
            return false;
        if (StreamPrefix is not null && !stream.Value.StartsWith(StreamPrefix, StringComparison.Ordinal))
            return false;
        if (Source is not null && !string.Equals(Source, source, StringComparison.Ordinal))
            return false;
        if (CorrelationId is not null && CorrelationId != correlationId)
            return false;
        foreach (var tag in Tags)
        {
            if (!Contains(tags, tag))
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        if (IsAll)
            return "every event";
        var text = new StringBuilder("events");
        if (Types.Count > 0)
            text.Append(" of type ").AppendJoin(" or ", Types);
        if (Tags.Count > 0)
            text.Append(" tagged ").AppendJoin(" and ", Tags);
        if (StreamPrefix is not null)
            text.Append(" in streams '").Append(StreamPrefix).Append("…'");
        if (Source is not null)
            text.Append(" from ").Append(Source);
        if (CorrelationId is not null)
            text.Append(" correlated by ").Append(CorrelationId);
        if (From is { } from)
            text.Append(" since ").Append(from.ToString("O"));
        if (To is { } to)
            text.Append(" before ").Append(to.ToString("O"));
        return text.ToString();
    }

    private static bool Contains<T>(IReadOnlyList<T> list, T value)
        where T : IEquatable<T>
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].Equals(value))
                return true;
        }
        return false;
    }
}
