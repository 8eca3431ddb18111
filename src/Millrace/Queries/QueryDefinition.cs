using Millrace.Queries;

namespace Millrace;

/// <summary>Handles a query.</summary>
public delegate ValueTask<TResult> QueryHandler<in TQuery, TResult>(
    TQuery query, QueryContext context, CancellationToken cancellationToken);

/// <summary>The definition of a query.</summary>
public abstract class QueryDefinition
{
    private protected QueryDefinition(string name, Type query, Type result)
    {
        Name = name;
        QueryType = query;
        ResultType = result;
    }

    /// <summary>Gets the stable name, such as <c>get-order</c>.</summary>
    public string Name { get; }

    /// <summary>Gets the CLR type of the query.</summary>
    public Type QueryType { get; }

    /// <summary>Gets the CLR type of the answer.</summary>
    public Type ResultType { get; }

    /// <summary>
    /// Gets the types that <see cref="QueryType"/> lists with <c>[JsonDerivedType]</c>. The handler also handles these
    /// types, except types with a separate handler.
    /// </summary>
    public IReadOnlyList<Type> DerivedTypes { get; init; } = [];

    /// <summary>
    /// Sends a query whose type is only known at run time. Endpoints and tools use this method. The value of the answer
    /// is boxed. If access control leaves out members of documents, the value is a
    /// <see cref="System.Text.Json.Nodes.JsonNode"/> with the other members.
    /// </summary>
    /// <exception cref="InvalidCastException">The object is not a query of this type.</exception>
    public abstract ValueTask<QueryResult<object?>> Ask(
        IQueryBus bus, object query, AskOptions? options, CancellationToken cancellationToken);

    /// <summary>Creates the pipeline that answers the query in one store.</summary>
    internal abstract QueryPipeline CreatePipeline(QueryDispatcher dispatcher);
}

/// <summary>The definition of a query.</summary>
public sealed class QueryDefinition<TQuery, TResult>(string name, QueryHandler<TQuery, TResult> handler)
    : QueryDefinition(name, typeof(TQuery), typeof(TResult))
    where TQuery : IQuery<TResult>
{
    internal QueryHandler<TQuery, TResult> Handler { get; } = handler;

    /// <inheritdoc/>
    public override async ValueTask<QueryResult<object?>> Ask(
        IQueryBus bus, object query, AskOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bus);
        var result = await bus
            .Ask((TQuery)query, (options ?? new AskOptions()) with { TakesJson = true }, cancellationToken)
            .ConfigureAwait(false);
        return new QueryResult<object?>(result.Filtered ?? (object?)result.Value, result.Freshness)
        {
            Reflects = result.Reflects,
            Source = result.Source,
        };
    }

    internal override QueryPipeline CreatePipeline(QueryDispatcher dispatcher) =>
        new QueryPipeline<TQuery, TResult>(this, dispatcher);
}
