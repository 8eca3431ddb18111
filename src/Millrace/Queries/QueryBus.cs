namespace Millrace;

/// <summary>The query bus of a scope.</summary>
internal sealed class QueryBus(QueryRoutes routes, IServiceProvider services) : IQueryBus
{
    public ValueTask<QueryResult<TResult>> Ask<TResult>(
        IQuery<TResult> query, CancellationToken cancellationToken = default) => Ask(query, null, cancellationToken);

    public ValueTask<QueryResult<TResult>> Ask<TResult>(
        IQuery<TResult> query, AskOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return routes.Get<TResult>(query.GetType()).Ask(query, services, options, cancellationToken);
    }
}
