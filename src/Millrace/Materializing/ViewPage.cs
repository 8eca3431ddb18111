namespace Millrace;

/// <summary>A page of rows of a materialized view.</summary>
/// <param name="Items">The rows, in the requested order.</param>
/// <param name="Next">The opaque value for <see cref="ReadQuery.Cursor"/> of the next page; null on the last page.
/// After a refresh, the next page continues in the new rows.</param>
/// <param name="State">What the rows reflect.</param>
public sealed record ViewPage<TRow>(IReadOnlyList<TRow> Items, string? Next, ViewFreshness State)
{
    /// <summary>Gets the time since the refresh of the rows started.</summary>
    public TimeSpan Age => State.Age;

    /// <summary>Gets whether the rows reflect the requested position.</summary>
    public Freshness Freshness => State.Freshness;

    /// <summary>Gets the token of the position that the rows reflect at least.</summary>
    public ConsistencyToken Reflects => State.Reflects;
}
