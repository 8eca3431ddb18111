using System.Text;
using System.Text.Json.Serialization;
using Millrace.Storage;

namespace Millrace;

/// <summary>The shape of a query: what it compares and how it sorts, without any values.</summary>
public sealed record QueryShape
{
    /// <summary>The source of queries of the log.</summary>
    public const string LogSource = "$log";

    private const int MaxConditions = 100;
    private const int MaxTerms = 8;

    /// <summary>Gets the name of the read model, without a version; <see cref="LogSource"/> for the log.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the compared fields, ordered by name.</summary>
    public IReadOnlyList<QueryTerm> Terms { get; init; } = [];

    /// <summary>Gets the field to sort by; null for the key or the position.</summary>
    public string? OrderBy { get; init; }

    /// <summary>Gets whether the order is descending.</summary>
    public bool IsDescending { get; init; }

    /// <summary>Gets whether the query only counts rows.</summary>
    public bool IsCount { get; init; }

    /// <summary>Gets whether the query reads the log.</summary>
    [JsonIgnore]
    public bool IsOfLog => Source == LogSource;

    /// <summary>Returns whether both shapes have the same source, terms and order.</summary>
    public bool Equals(QueryShape? other) =>
        other is not null
        && Source == other.Source
        && OrderBy == other.OrderBy
        && IsDescending == other.IsDescending
        && IsCount == other.IsCount
        && Terms.SequenceEqual(other.Terms);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Source);
        hash.Add(OrderBy);
        hash.Add(IsCount);
        foreach (var term in Terms)
            hash.Add(term);
        return hash.ToHashCode();
    }

    /// <summary>Returns the shape as text, such as <c>orders where status = ? by total, descending</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(IsCount ? "count of " : "").Append(IsOfLog ? "the log" : Source);
        for (var i = 0; i < Terms.Count; i++)
            text.Append(i == 0 ? " where " : " and ").Append(Terms[i]);
        if (OrderBy is not null)
            text.Append(" by ").Append(OrderBy);
        return text.Append(IsDescending ? ", descending" : "").ToString();
    }

    /// <summary>
    /// Returns the shape of a query of documents; null if it compares so many fields that no index helps. Each
    /// comparison of a field is one term, however often the query contains it. Conditions that most documents meet are
    /// omitted: no index helps, and each query of documents that expire has one.
    /// </summary>
    internal static QueryShape? Of(string readModel, IReadOnlyList<FieldCondition> conditions)
    {
        if (conditions.Count > MaxConditions)
            return null;
        var terms = new QueryTerm[conditions.Count];
        var selective = 0;
        for (var i = 0; i < terms.Length; i++)
        {
            if (conditions[i].Comparison != Comparison.GreaterOrNull)
                terms[selective++] = new QueryTerm(conditions[i].Field, conditions[i].Comparison);
        }
        Array.Resize(ref terms, selective);
        Array.Sort(terms);
        var count = 0;
        for (var i = 0; i < terms.Length; i++)
        {
            if (count == 0 || terms[i] != terms[count - 1])
                terms[count++] = terms[i];
        }
        if (count > MaxTerms)
            return null;
        Array.Resize(ref terms, count);
        return new QueryShape { Source = readModel, Terms = terms };
    }

    /// <summary>Returns the shape of a query of the log. It contains no types, tags or prefixes.</summary>
    internal static QueryShape Of(EventFilter filter)
    {
        var terms = new List<QueryTerm>(2);
        if (filter.CorrelationId is not null)
            terms.Add(new QueryTerm("correlation", Comparison.Equal));
        if (filter.Source is not null)
            terms.Add(new QueryTerm("source", Comparison.Equal));
        if (!string.IsNullOrEmpty(filter.StreamPrefix))
            terms.Add(new QueryTerm("stream", Comparison.StartsWith));
        if (filter.Tags.Count > 0)
            terms.Add(new QueryTerm("tag", Comparison.Equal));
        if (filter.From is not null)
            terms.Add(new QueryTerm("time", Comparison.GreaterOrEqual));
        if (filter.To is not null)
            terms.Add(new QueryTerm("time", Comparison.Less));
        if (filter.Types.Count > 0)
            terms.Add(new QueryTerm("type", Comparison.Equal));
        return new QueryShape { Source = LogSource, Terms = terms };
    }
}
