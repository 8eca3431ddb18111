using System.Collections.Frozen;
using System.Diagnostics.Metrics;

namespace Millrace;

/// <summary>The routes of all queries to their handlers.</summary>
internal sealed class QueryRoutes
{
    private readonly FrozenDictionary<Type, QueryRoute> _routes;

    public QueryRoutes(
        IEnumerable<QueryDefinition> queries, bool hasAuthorizers, TimeProvider time, IMeterFactory? meters)
    {
        var runtime = new QueryRuntime(hasAuthorizers, time, meters);
        _routes = MessageTypeLookup
            .Of(queries, query => query.QueryType, query => query.DerivedTypes, query => query.CreateRoute(runtime))
            .ToFrozenDictionary();
    }

    /// <exception cref="HandlerNotFoundException">No handler is registered for the query.</exception>
    public QueryRoute<TResult> Get<TResult>(Type query) =>
        _routes.TryGetValue(query, out var route) && route is QueryRoute<TResult> found
            ? found
            : throw new HandlerNotFoundException(query);
}
