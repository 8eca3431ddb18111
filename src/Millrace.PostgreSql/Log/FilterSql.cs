using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Schema;

namespace Millrace.PostgreSql.Log;

/// <summary>Translates an event filter into conditions on <c>events e</c>.</summary>
internal static class FilterSql
{
    public static void Add(SqlText sql, EventFilter filter, Tables tables, bool withTypes = true)
    {
        if (withTypes && filter.Types.Count == 1)
            sql.Append($" AND e.type = {sql.Parameter(filter.Types[0])}");
        else if (withTypes && filter.Types.Count > 1)
            sql.Append($" AND e.type = ANY ({sql.Parameter(filter.Types.ToArray())})");
        if (filter.Tags.Count > 0)
            sql.Append($" AND e.tags @> {sql.Parameter(filter.Tags.Select(tag => tag.ToString()).ToArray())}");
        if (filter.CorrelationId is { } correlation)
            sql.Append($" AND e.correlation_id = {sql.Parameter(correlation)}");
        if (filter.Source is { } source)
            sql.Append($" AND e.source = {sql.Parameter(source)}");
        if (filter.StreamPrefix is { Length: > 0 } prefix)
            AddPrefix(sql, "e.stream", prefix);
        if (filter.From is { } from)
            sql.Append($" AND e.position >= {tables.PositionAt}({sql.Parameter(RoundedUp(from))})");
        if (filter.To is { } to)
            sql.Append($" AND e.position < {tables.PositionAt}({sql.Parameter(RoundedUp(to))})");
    }

    /// <summary>Restricts a column to texts with a prefix.</summary>
    public static void AddPrefix(SqlText sql, string column, string prefix)
    {
        var (low, end) = TextRange.Of(prefix);
        sql.Append($" AND {column} >= {sql.Parameter(low)}");
        if (end is not null)
            sql.Append($" AND {column} < {sql.Parameter(end)}");
    }

    /// <summary>Rounds an instant up to microseconds.</summary>
    private static DateTime RoundedUp(DateTimeOffset time)
    {
        var rest = time.UtcTicks % TimeSpan.TicksPerMicrosecond;
        return rest == 0 || time.UtcTicks > DateTime.MaxValue.Ticks - TimeSpan.TicksPerMicrosecond
            ? time.UtcDateTime
            : time.UtcDateTime.AddTicks(TimeSpan.TicksPerMicrosecond - rest);
    }
}
