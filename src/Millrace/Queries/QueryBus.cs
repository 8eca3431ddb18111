namespace Millrace.Queries;

/// <summary>The query bus of a service scope.</summary>
internal sealed class QueryBus(QueryDispatcher dispatcher, IServiceProvider services) : IQueryBus
{
    public ValueTask<QueryResult<TResult>> Ask<TResult>(
        IQuery<TResult> query, AskOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return dispatcher.Find<TResult>(query.GetType()).Ask(query, services, options, cancellationToken);
    }
}
