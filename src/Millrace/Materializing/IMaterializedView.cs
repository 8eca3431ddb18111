using Millrace.Storage;

namespace Millrace;

/// <summary>Reads the rows of a materialized view. Thread-safe.</summary>
/// <remarks>
/// Each read states what its rows reflect. A read can take a consistency token. A view that is refreshed on read then
/// refreshes its rows if they do not reflect the position of the token. A read of an immediate view waits for the read
/// model. Other views only report it.
/// </remarks>
public interface IMaterializedView<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    /// <summary>Gets the name of the view.</summary>
    string Name { get; }

    /// <summary>Returns the row of a key; null if there is none.</summary>
    /// <exception cref="ViewNotReadyException">The first rows are not computed yet.</exception>
    ValueTask<ViewResult<TRow>> Get(
        TKey key, ReadAfter after = default, CancellationToken cancellationToken = default);

    /// <summary>Returns a page of the rows that meet the conditions.</summary>
    /// <exception cref="ArgumentException">A member is not indexed, or a number is out of range.</exception>
    /// <exception cref="InvalidValueException">The cursor does not belong to a query with this sort order.</exception>
    /// <exception cref="ViewNotReadyException">The first rows are not computed yet.</exception>
    ValueTask<ViewPage<TRow>> Query(
        ReadQuery query, ReadAfter after = default, CancellationToken cancellationToken = default);

    /// <summary>Returns the number of rows that meet the conditions.</summary>
    /// <inheritdoc cref="Query"/>
    ValueTask<ViewResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions,
        ReadAfter after = default,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Computes the rows again, and returns what they reflect. A refresh that another caller or node starts after this
    /// call is shared.
    /// </summary>
    /// <param name="after">The position that the rows must reflect. The read models wait for it up to
    /// <see cref="ReadAfter.Wait"/>.</param>
    /// <param name="cancellationToken">Ends the wait. The refresh continues.</param>
    /// <exception cref="ViewRefreshException">The query failed, or the refresh took too long.</exception>
    Task<ViewFreshness> Refresh(ReadAfter after = default, CancellationToken cancellationToken = default);
}
