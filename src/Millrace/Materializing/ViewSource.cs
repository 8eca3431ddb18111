using System.Runtime.CompilerServices;
using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>
/// Reads read models and the log for a refresh, and notes the lowest position and the collections of its reads.
/// </summary>
/// <param name="host">The node.</param>
/// <param name="projections">The projections of the application.</param>
/// <param name="sql">Runs SQL statements; null if the application has no SQL.</param>
/// <param name="after">The position that the read models must have reached.</param>
/// <param name="end">The end of the log.</param>
/// <param name="now">The time of the refresh.</param>
/// <param name="refresh">Cancels the reads of a query that does not pass its own token.</param>
internal sealed class ViewSource(
    ConsumerHost host,
    IReadOnlyList<ProjectionDefinition> projections,
    SqlViewReader? sql,
    ReadAfter after,
    LogHead end,
    DateTimeOffset now,
    CancellationToken refresh)
    : IViewSource
{
    private const int PageSize = 1_000;

    private readonly Dictionary<(Type Key, Type Document), object> _models = [];
    private readonly SortedSet<string> _collections = new(StringComparer.Ordinal);
    private bool _isWaitOver;

    public DateTimeOffset Now => now;

    /// <summary>Gets the required position. After one read has waited in vain, the others do not wait.</summary>
    public ReadAfter After => _isWaitOver ? after with { Wait = TimeSpan.Zero } : after;

    public SqlViewReader? Sql => sql;

    /// <summary>Gets the position that the rows reflect at least.</summary>
    public long Position { get; private set; } = end.Position;

    /// <summary>Gets the number of events that read models lacked because of dead letters.</summary>
    public long BlockedEvents { get; private set; }

    /// <summary>Gets the collections of read models that were read, in ordinal order.</summary>
    public IReadOnlyList<string> Collections => [.. _collections];

    public async ValueTask<TDocument?> Get<TKey, TDocument>(TKey key, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        using var linked = Link(cancellationToken);
        var head = host.Store.Tail.Head.Position;
        var result = await ModelOf<TKey, TDocument>().Get(key, After, linked.Token).ConfigureAwait(false);
        Note(head, result.Freshness, result.Reflects, result.Collection);
        return result.Value;
    }

    public async IAsyncEnumerable<TDocument> Documents<TKey, TDocument>(
        IReadOnlyList<FieldCondition>? conditions,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        var query = new ReadQuery { Conditions = conditions ?? [], Limit = PageSize };
        while (true)
        {
            var page = await ReadPage<TKey, TDocument>(query, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
            {
                refresh.ThrowIfCancellationRequested();
                yield return item;
            }
            if (page.Next is not { } next)
                yield break;
            query = query with { Cursor = next };
        }
    }

    public async ValueTask<IReadOnlyList<TDocument>> Query<TKey, TDocument>(
        ReadQuery query, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class =>
        (await ReadPage<TKey, TDocument>(query, cancellationToken).ConfigureAwait(false)).Items;

    public async ValueTask<long> Count<TKey, TDocument>(
        IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        using var linked = Link(cancellationToken);
        var head = host.Store.Tail.Head.Position;
        var result = await ModelOf<TKey, TDocument>().Count(conditions, After, linked.Token).ConfigureAwait(false);
        Note(head, result.Freshness, result.Reflects, result.Collection);
        return result.Value;
    }

    public async IAsyncEnumerable<RecordedEvent> Events(
        EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var linked = Link(cancellationToken);
        await foreach (var recorded in host.Store.ReadLog(filter, 0, linked.Token).ConfigureAwait(false))
        {
            if (recorded.Position > end.Position)
                yield break;
            yield return recorded;
        }
    }

    private async ValueTask<ReadPage<TDocument>> ReadPage<TKey, TDocument>(
        ReadQuery query, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        using var linked = Link(cancellationToken);
        var head = host.Store.Tail.Head.Position;
        var page = await ModelOf<TKey, TDocument>().Query(query, After, linked.Token).ConfigureAwait(false);
        Note(head, page.Freshness, page.Reflects, page.Collection);
        return page;
    }

    private IReadModel<TKey, TDocument> ModelOf<TKey, TDocument>()
        where TKey : notnull
        where TDocument : class
    {
        if (_models.TryGetValue((typeof(TKey), typeof(TDocument)), out var known))
            return (IReadModel<TKey, TDocument>)known;
        var definition =
            projections.OfType<ProjectionDefinition<TKey, TDocument>>().FirstOrDefault()
            ?? throw new ReadModelNotFoundException(
                typeof(TKey),
                typeof(TDocument),
                [
                    .. projections
                        .Where(one => one.DocumentType == typeof(TDocument))
                        .Select(one => one.KeyType)
                        .Distinct(),
                ]);
        var model = definition.CreateReadModel(host);
        _models.Add((typeof(TKey), typeof(TDocument)), model);
        return model;
    }

    public CancellationTokenSource Link(CancellationToken cancellationToken) =>
        CancellationTokenSource.CreateLinkedTokenSource(refresh, cancellationToken);

    /// <summary>Notes what a read of a read model reflects.</summary>
    public void Note(long headBefore, Freshness freshness, ConsistencyToken reflects, string? collection)
    {
        if (!after.Token.IsNone && freshness.LagEvents > 0)
            _isWaitOver = true;
        Position = Math.Min(Position, PositionOf(headBefore, freshness, reflects));
        BlockedEvents = Math.Max(BlockedEvents, freshness.BlockedEvents);
        if (collection is not null)
            _collections.Add(collection);
    }

    /// <summary>
    /// Returns the position that a result reflects at least. With blocked events it follows from the lag, which is
    /// relative to the required position, or to the head at the read. Otherwise, a result without a position may be of
    /// a read model that starts again, so it reflects nothing for certain.
    /// </summary>
    private long PositionOf(long headBefore, Freshness freshness, ConsistencyToken reflects)
    {
        if (reflects.Position > 0)
            return reflects.Position;
        if (freshness.IsOtherEpoch || freshness.BlockedEvents == 0)
            return 0;
        var required = after.Token.IsNone ? headBefore : Math.Min(headBefore, after.Token.Position);
        return Math.Max(0, Math.Min(required, end.Position) - freshness.LagEvents);
    }
}
