using System.Text;

namespace Millrace;

/// <summary>Which events are meant. What is not said does not restrict; all that is said must hold.</summary>
public sealed record EventFilter
{
    /// <summary>Every event.</summary>
    public static EventFilter All { get; } = new();

    /// <summary>Stored names of types, of which an event has one; empty for all types.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Tags, all of which an event carries.</summary>
    public IReadOnlyList<Tag> Tags { get; init; } = [];

    /// <summary>What the name of its stream begins with.</summary>
    public string? StreamPrefix { get; init; }

    /// <summary>The service or program that appended it.</summary>
    public string? Source { get; init; }

    /// <summary>Its correlation id.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>The earliest time recorded, included.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The latest time recorded, not included.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>True when every event is meant.</summary>
    public bool IsAll => Types.Count == 0 && Tags.Count == 0 && StreamPrefix is null && Source is null
        && CorrelationId is null && From is null && To is null;

    /// <summary>The events of some types.</summary>
    public static EventFilter OfTypes(params IReadOnlyList<string> types) => new() { Types = types };

    /// <summary>The events that carry all of some tags.</summary>
    public static EventFilter WithTags(params IReadOnlyList<Tag> tags) => new() { Tags = tags };

    /// <summary>The events of streams whose names begin with <paramref name="prefix"/>.</summary>
    public static EventFilter InStreams(string prefix) => new() { StreamPrefix = prefix };

    /// <summary>Tells whether an event is meant.</summary>
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
