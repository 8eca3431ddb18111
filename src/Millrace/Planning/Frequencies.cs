namespace Millrace.Planning;

/// <summary>Compares the frequency of queries with all queries of a store.</summary>
internal sealed class Frequencies(IReadOnlyList<QueryUse> all)
{
    private const long MinExecutions = 20;
    private const double VeryHighShare = 0.25;
    private const double HighShare = 0.1;
    private const double MediumShare = 0.01;

    private readonly long _total = all.Sum(use => use.Count);

    public QueryFrequency Of(IEnumerable<QueryUse> uses)
    {
        var count = uses.Sum(use => use.Count);
        var share = _total == 0 ? 0 : (double)count / _total;
        if (count < MinExecutions || share < MediumShare)
            return QueryFrequency.Low;
        return share >= VeryHighShare ? QueryFrequency.VeryHigh
            : share >= HighShare ? QueryFrequency.High
            : QueryFrequency.Medium;
    }

    /// <summary>Returns the kind of index for a frequency.</summary>
    public static IndexKind KindOf(QueryFrequency frequency) => frequency switch
    {
        QueryFrequency.VeryHigh or QueryFrequency.Medium => IndexKind.BTree,
        QueryFrequency.High => IndexKind.Hash,
        _ => IndexKind.None,
    };
}
