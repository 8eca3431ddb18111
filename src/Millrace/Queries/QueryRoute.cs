namespace Millrace;

/// <summary>The way of one type of query to its handler.</summary>
internal abstract class QueryRoute;

/// <summary>The way of one type of query to its handler, by the type of its answer.</summary>
internal abstract class QueryRoute<TResult> : QueryRoute
{
    public abstract ValueTask<QueryResult<TResult>> Ask(
        IQuery<TResult> query, IServiceProvider services, AskOptions? options, CancellationToken cancellationToken);
}
