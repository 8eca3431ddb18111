using System.Collections.Immutable;
using Millrace.Queries;

namespace Millrace;

/// <summary>
/// The context of a query. It contains the services, the token that the answer must reflect, and the maximum wait for
/// the token.
/// </summary>
public sealed class QueryContext
{
    private const long NothingRecorded = long.MaxValue;

    private Freshness _freshness;
    private ImmutableArray<Type> _readTypes = [];
    private ImmutableArray<string> _collections = [];
    private volatile bool _includesStreams;
    private volatile bool _includesOtherReads;
    private long _logEpoch;
    private long _position = NothingRecorded;
    private long _expiresAt = long.MaxValue;

    /// <summary>Creates a context.</summary>
    /// <param name="services">The services of the scope in which the query is sent.</param>
    /// <param name="after">The token that the answer must reflect; none by default.</param>
    /// <param name="wait">The maximum wait for the token.</param>
    public QueryContext(IServiceProvider services, ConsistencyToken after, TimeSpan wait)
    {
        ArgumentNullException.ThrowIfNull(services);
        Services = services;
        After = after;
        Wait = wait;
    }

    /// <summary>Gets the services of the scope in which the query is sent.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Gets the token that the answer must reflect; none by default.</summary>
    public ConsistencyToken After { get; }

    /// <summary>Gets the maximum wait for the token.</summary>
    public TimeSpan Wait { get; }

    /// <summary>Gets the freshness of the answer, which is the stalest value that the read models reported.</summary>
    public Freshness Freshness => _freshness;

    /// <summary>Gets the types of the documents that the handler read with this context.</summary>
    internal IReadOnlyList<Type> ReadTypes => _readTypes;

    /// <summary>
    /// Gets the collections that the handler read with this context, and that another one can replace.
    /// </summary>
    internal IReadOnlyList<string> Collections => _collections;

    /// <summary>Gets whether the answer depends on streams, from which events can be removed.</summary>
    internal bool IncludesStreams => _includesStreams || _includesOtherReads;

    /// <summary>Gets whether the handler read without this context, and recorded the position.</summary>
    internal bool IncludesOtherReads => _includesOtherReads;

    /// <summary>Records that the handler read documents. A handler can read at the same time.</summary>
    /// <param name="documents">The type of the documents.</param>
    /// <param name="reflects">The token of the position that the documents reflect; none if it is unknown.</param>
    /// <param name="collection">The collection; null for a projection of streams.</param>
    /// <param name="expiresAt">The time at which a document expires and changes the answer; null if none does.</param>
    internal void RecordRead(
        Type documents, ConsistencyToken reflects, string? collection, DateTimeOffset? expiresAt)
    {
        RecordExpiry(expiresAt);
        RecordType(documents);
        if (collection is null)
            _includesStreams = true;
        else
            ImmutableInterlocked.Update(
                ref _collections,
                static (collections, name) => collections.Contains(name) ? collections : collections.Add(name),
                collection);
        AddPosition(reflects);
    }

    /// <summary>
    /// Gets the token of the position that the answer reflects at least, which is the lowest recorded position; none if
    /// the position of a part is unknown or no position was recorded.
    /// </summary>
    public ConsistencyToken Reflects =>
        Interlocked.Read(ref _position) is > 0 and < NothingRecorded and var position
            ? new ConsistencyToken(Interlocked.Read(ref _logEpoch), position)
            : default;

    /// <summary>Gets the time at which the first document that the answer depends on expires; null for none.</summary>
    internal DateTimeOffset? ExpiresAt =>
        Interlocked.Read(ref _expiresAt) is < long.MaxValue and var ticks ? new(ticks, TimeSpan.Zero) : null;

    /// <summary>Gets or sets where the answer came from.</summary>
    internal AnswerSource Source { get; set; }

    /// <summary>
    /// Records the position that a part of the answer reflects. Reads of read models with this context record it. A
    /// handler that reads in another way can record <see cref="EventStore.GetToken"/>, called before it reads.
    /// </summary>
    /// <param name="token">The token of the position; none if the position is unknown.</param>
    public void RecordPosition(ConsistencyToken token)
    {
        _includesOtherReads = true;
        AddPosition(token);
    }

    /// <summary>Takes the freshness, the position and the source of an answer.</summary>
    internal void Take<T>(ComputedAnswer<T> answer, bool isFresh)
    {
        RecordFreshness(isFresh ? Freshness.Fresh : answer.Freshness);
        AddPosition(answer.Reflects);
        RecordExpiry(answer.DocumentsExpireAt);
        foreach (var type in answer.ReadTypes)
            RecordType(type);
        Source = answer.Source;
    }

    /// <summary>Records the freshness of a part of the answer.</summary>
    public void RecordFreshness(Freshness freshness) => _freshness = _freshness.CombineWith(freshness);

    private void RecordExpiry(DateTimeOffset? expiresAt)
    {
        if (expiresAt?.UtcTicks is not { } ticks)
            return;
        for (var current = Interlocked.Read(ref _expiresAt); ticks < current;)
        {
            var seen = Interlocked.CompareExchange(ref _expiresAt, ticks, current);
            if (seen == current)
                return;
            current = seen;
        }
    }

    private void RecordType(Type documents) => ImmutableInterlocked.Update(
        ref _readTypes, static (types, type) => types.Contains(type) ? types : types.Add(type), documents);

    private void AddPosition(ConsistencyToken token)
    {
        if (token.Shards is not null)
            token = default; // A query result has one position, and shards have several.
        var epoch = token.IsNone ? 0 : Interlocked.CompareExchange(ref _logEpoch, token.LogEpoch, 0);
        // Positions of two epochs are not comparable.
        var position = epoch == 0 || epoch == token.LogEpoch ? token.Position : 0;
        for (var current = Interlocked.Read(ref _position); position < current;)
        {
            var seen = Interlocked.CompareExchange(ref _position, position, current);
            if (seen == current)
                return;
            current = seen;
        }
    }
}
