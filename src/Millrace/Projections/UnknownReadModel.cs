using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Stands for every read model that no projection gives, so that asking for one fails alone and says what is wrong: an
/// endpoint's parameter that the services do not know is taken for its body, and then not a single route answers.
/// </summary>
internal sealed class UnknownReadModel<TKey, TDocument> : IReadModel<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly ReadModelNotFoundException _refusal;

    /// <exception cref="ReadModelNotFoundException">Always.</exception>
    public UnknownReadModel(Projections projections)
    {
        var keys = projections
            .Definitions.Where(there => there.DocumentType == typeof(TDocument))
            .Select(there => there.KeyType);
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
