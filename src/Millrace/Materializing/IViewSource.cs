using Millrace.Storage;

namespace Millrace;

/// <summary>The read models and the log, for the query of a materialized view.</summary>
public interface IViewSource
{
    /// <summary>Gets the time of the refresh, by the clock of the storage.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Returns a document of a read model; null if there is none.</summary>
    /// <exception cref="ReadModelNotFoundException">No projection of the application has such documents.</exception>
    ValueTask<TDocument?> Get<TKey, TDocument>(TKey key, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class;

    /// <summary>Returns all documents of a read model that meet conditions, ordered by key, in pages.</summary>
    /// <param name="conditions">The conditions on members marked <see cref="IndexedAttribute"/>; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ReadModelNotFoundException">No projection of the application has such documents.</exception>
    IAsyncEnumerable<TDocument> Documents<TKey, TDocument>(
        IReadOnlyList<FieldCondition>? conditions = null, CancellationToken cancellationToken = default)
        where TKey : notnull
        where TDocument : class;

    /// <summary>Returns the first documents of a read model in an order.</summary>
    /// <param name="query">The conditions, the order and the number of documents.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ReadModelNotFoundException">No projection of the application has such documents.</exception>
    ValueTask<IReadOnlyList<TDocument>> Query<TKey, TDocument>(ReadQuery query, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class;

    /// <summary>Returns the number of documents of a read model that meet conditions.</summary>
    /// <exception cref="ReadModelNotFoundException">No projection of the application has such documents.</exception>
    ValueTask<long> Count<TKey, TDocument>(
        IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class;

    /// <summary>
    /// Returns the events that match a filter, oldest first, up to the end that the log had when the refresh started.
    /// </summary>
    IAsyncEnumerable<RecordedEvent> Events(EventFilter filter, CancellationToken cancellationToken = default);
}
