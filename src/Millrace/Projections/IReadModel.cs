using Millrace.Storage;

namespace Millrace;

/// <summary>The documents of a projection, to be read. Safe to use from several threads.</summary>
/// <remarks>
/// Every read takes a consistency token, waits within a bound until it reflects it, and says whether it does. While a
/// projection is being rebuilt its documents are those of the part of the log that was read so far, and answers are
/// stale and say so.
/// </remarks>
public interface IReadModel<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    /// <summary>The document of a key, or null.</summary>
    ValueTask<ReadResult<TDocument>> Get(
        TKey key, ReadAfter after = default, CancellationToken cancellationToken = default);

    /// <summary>The documents of several keys, as far as they exist.</summary>
    ValueTask<ReadResult<IReadOnlyDictionary<TKey, TDocument>>> GetMany(
        IReadOnlyCollection<TKey> keys, ReadAfter after = default, CancellationToken cancellationToken = default);

    /// <summary>A page of the documents that meet conditions.</summary>
    /// <exception cref="ArgumentException">A member is not indexed, or a number is out of its range.</exception>
    /// <exception cref="InvalidValueException">The cursor is not of such a query; cursors come from
    /// clients.</exception>
    /// <exception cref="NotSupportedException">The projection is <see cref="ProjectionLifecycle.Live"/>, whose
    /// documents are not stored.</exception>
    ValueTask<ReadPage<TDocument>> Query(
        ReadQuery query, ReadAfter after = default, CancellationToken cancellationToken = default);

    /// <summary>How many documents meet conditions.</summary>
    /// <inheritdoc cref="Query"/>
    ValueTask<ReadResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions,
        ReadAfter after = default,
        CancellationToken cancellationToken = default);
}
