using Millrace.Queries;

namespace Millrace;

/// <summary>
/// Sends queries to their handlers. Thread-safe. Handlers get their services from the scope in which the bus was
/// resolved. A mock only has to implement the method with options, because the other method calls it.
/// </summary>
public interface IQueryBus
{
    /// <summary>
    /// Sends a query. The query waits for a limited time until the answer reflects the token in the options. The result
    /// contains the freshness of the answer.
    /// </summary>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the query.</exception>
    /// <exception cref="AccessDeniedException">The user may not send the query.</exception>
    ValueTask<QueryResult<TResult>> Ask<TResult>(
        IQuery<TResult> query, AskOptions? options, CancellationToken cancellationToken = default);

    /// <summary>Sends a query whose answer does not have to reflect a token.</summary>
    /// <inheritdoc cref="Ask{TResult}(IQuery{TResult}, AskOptions?, CancellationToken)"/>
    sealed ValueTask<QueryResult<TResult>> Ask<TResult>(
        IQuery<TResult> query, CancellationToken cancellationToken = default) =>
        this is QueryBus bus // Avoids a call of a generic interface method, as ICommandBus.Send does.
            ? bus.Ask(query, null, cancellationToken)
            : Ask(query, null, cancellationToken);
}
