using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// The registered service for each read model without a projection. Only a request for such a read model fails, with a
/// clear message. Without this service, ASP.NET Core would read such a parameter of an endpoint from the request body,
/// and no route would work.
/// </summary>
internal sealed class UnknownReadModel<TKey, TDocument> : IReadModel<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly ReadModelNotFoundException _refusal;

    /// <exception cref="ReadModelNotFoundException">Always thrown.</exception>
    public UnknownReadModel(ProjectionDefinitions projections)
    {
        var keys = projections
            .All.Where(definition => definition.DocumentType == typeof(TDocument))
            .Select(definition => definition.KeyType);
        _refusal = new ReadModelNotFoundException(typeof(TKey), typeof(TDocument), [.. keys.Distinct()]);
        throw _refusal;
    }

    public ValueTask<ReadResult<TDocument>> Get(TKey key, ReadAfter after, CancellationToken cancellationToken) =>
        throw _refusal;

    public ValueTask<ReadResult<IReadOnlyDictionary<TKey, TDocument>>> GetMany(
        IReadOnlyCollection<TKey> keys, ReadAfter after, CancellationToken cancellationToken) => throw _refusal;

    public ValueTask<ReadPage<TDocument>> Query(
        ReadQuery query, ReadAfter after, CancellationToken cancellationToken) => throw _refusal;

    public ValueTask<ReadResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions,
        ReadAfter after,
        CancellationToken cancellationToken) => throw _refusal;
}
