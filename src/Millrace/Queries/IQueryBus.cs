namespace Millrace;

/// <summary>
/// Asks queries of their handlers. Safe to use from several threads. Handlers get their services from the scope that
/// the bus was resolved in.
/// </summary>
public interface IQueryBus
{
    /// <summary>Asks a query that need not reflect anything in particular.</summary>
    /// <exception cref="HandlerNotFoundException">No handler is registered for it.</exception>
    /// <exception cref="AccessDeniedException">It is not allowed.</exception>
    ValueTask<QueryResult<TResult>> Ask<TResult>(IQuery<TResult> query, CancellationToken cancellationToken = default);

    /// <summary>Asks a query that is to reflect what a token stands for, within a bound of time; says whether its
    /// answer does.</summary>
    /// <inheritdoc cref="Ask{TResult}(IQuery{TResult}, CancellationToken)"/>
    ValueTask<QueryResult<TResult>> Ask<TResult>(
        IQuery<TResult> query, AskOptions? options, CancellationToken cancellationToken = default);
}
