using Millrace.Storage;

namespace Millrace;

/// <summary>Reads the documents of a projection. Thread-safe.</summary>
/// <remarks>
/// Each read can take a consistency token. The read waits, up to a limit, until the documents contain the token's
/// position, and reports whether they contain it. During a rebuild in place, the documents contain only the events that
/// were read again so far, and reads are reported as stale.
/// </remarks>
public interface IReadModel<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    /// <summary>Returns the document of a key, or null if there is none.</summary>
    ValueTask<ReadResult<TDocument>> Get(
        TKey key, ReadAfter after = default, CancellationToken cancellationToken = default);

    /// <summary>Returns the existing documents of several keys.</summary>
    ValueTask<ReadResult<IReadOnlyDictionary<TKey, TDocument>>> GetMany(
        IReadOnlyCollection<TKey> keys, ReadAfter after = default, CancellationToken cancellationToken = default);

    /// <summary>Returns a page of the documents that meet the conditions.</summary>
    /// <exception cref="ArgumentException">A member is not indexed, or a number is out of range.</exception>
    /// <exception cref="InvalidValueException">The cursor does not belong to a query with this sort order. A client may
    /// have sent the cursor.</exception>
    /// <exception cref="NotSupportedException">The projection is <see cref="ProjectionLifecycle.Live"/>, whose
    /// documents are not stored.</exception>
    ValueTask<ReadPage<TDocument>> Query(
        ReadQuery query, ReadAfter after = default, CancellationToken cancellationToken = default);

    /// <summary>Returns the number of documents that meet the conditions.</summary>
    /// <inheritdoc cref="Query"/>
    ValueTask<ReadResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions,
        ReadAfter after = default,
        CancellationToken cancellationToken = default);
}
