namespace Millrace;

/// <summary>The route of one type of query to its handler.</summary>
internal abstract class QueryRoute;

/// <summary>The route of one type of query to its handler, typed by the answer.</summary>
internal abstract class QueryRoute<TResult> : QueryRoute
{
    public abstract ValueTask<QueryResult<TResult>> Ask(
        IQuery<TResult> query, IServiceProvider services, AskOptions? options, CancellationToken cancellationToken);
}
