using Millrace.Storage;

namespace Millrace;

/// <summary>A compared field of a query shape.</summary>
/// <param name="Field">The name of the field; for the log <c>type</c>, <c>tag</c>, <c>stream</c>, <c>source</c>,
/// <c>correlation</c> or <c>time</c>.</param>
/// <param name="Comparison">The comparison.</param>
public readonly record struct QueryTerm(string Field, Comparison Comparison) : IComparable<QueryTerm>
{
    /// <summary>Compares the names of the fields, and then the comparisons.</summary>
    public int CompareTo(QueryTerm other)
    {
        var byField = string.CompareOrdinal(Field, other.Field);
        return byField != 0 ? byField : Comparison.CompareTo(other.Comparison);
    }

    /// <summary>Returns the term as text, such as <c>total >= ?</c>.</summary>
    public override string ToString() => $"{Field} {QueryText.SymbolOf(Comparison)} ?";

    /// <summary>Returns whether the first term is less.</summary>
    public static bool operator <(QueryTerm left, QueryTerm right) => left.CompareTo(right) < 0;

    /// <summary>Returns whether the first term is less or equal.</summary>
    public static bool operator <=(QueryTerm left, QueryTerm right) => left.CompareTo(right) <= 0;

    /// <summary>Returns whether the first term is greater.</summary>
    public static bool operator >(QueryTerm left, QueryTerm right) => left.CompareTo(right) > 0;

    /// <summary>Returns whether the first term is greater or equal.</summary>
    public static bool operator >=(QueryTerm left, QueryTerm right) => left.CompareTo(right) >= 0;
}
