using Millrace.Queries;

namespace Millrace;

/// <summary>Declares the queries whose answers are cached, and the events that invalidate answers.</summary>
public sealed class QueryCacheBuilder
{
    private readonly Dictionary<Type, CachedQueryOptions> _queries = [];
    private readonly List<Invalidation> _invalidations = [];

    internal QueryCacheBuilder()
    {
    }

    internal IReadOnlyDictionary<Type, CachedQueryOptions> Queries => _queries;

    internal IReadOnlyList<Invalidation> Invalidations => _invalidations;

    /// <summary>
    /// Caches the answers to a query. All callers share an answer, so the handler must not depend on the user, unless
    /// <see cref="CachedQueryBuilder{TQuery}.PerUser"/> is called. Callers must not change an answer.
    /// </summary>
    /// <typeparam name="TQuery">The type of the query that has the handler.</typeparam>
    /// <param name="configure">Sets the expiry and the tags.</param>
    /// <exception cref="InvalidOperationException">The query is cached already.</exception>
    public QueryCacheBuilder Cache<TQuery>(Action<CachedQueryBuilder<TQuery>>? configure = null)
    {
        var query = new CachedQueryBuilder<TQuery>();
        configure?.Invoke(query);
        if (!_queries.TryAdd(typeof(TQuery), query.Options))
            throw new InvalidOperationException($"The query {typeof(TQuery).Name} is cached twice: remove one call.");
        return this;
    }

    /// <summary>Invalidates answers when an event is appended, on every node.</summary>
    /// <typeparam name="TEvent">The type of the event.</typeparam>
    /// <param name="tag">Returns the tag of the answers, such as <c>order:17</c>, or a pattern: <c>order:*</c> for all
    /// tags with this start, and <c>*</c> for all answers. The name of a query, such as <c>get-order</c>, is a tag of
    /// all its answers.</param>
    public QueryCacheBuilder InvalidatedBy<TEvent>(Func<TEvent, string> tag)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(tag);
        return InvalidatedBy<TEvent>(data => [tag(data)]);
    }

    /// <summary>Invalidates answers with one of several tags when an event is appended.</summary>
    /// <inheritdoc cref="InvalidatedBy{TEvent}(Func{TEvent, string})"/>
    /// <param name="tags">Returns the tags and patterns.</param>
    public QueryCacheBuilder InvalidatedBy<TEvent>(Func<TEvent, IEnumerable<string>> tags)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(tags);
        _invalidations.Add(new Invalidation(typeof(TEvent), data => data is TEvent own ? tags(own) : []));
        return this;
    }
}
