namespace Millrace;

/// <summary>The answer to a query.</summary>
/// <param name="Value">The value that the handler returned.</param>
/// <param name="Freshness">The freshness, which indicates whether the answer reflects the requested token.</param>
public readonly record struct QueryResult<TResult>(TResult Value, Freshness Freshness) : IFreshAnswer
{
    object? IFreshAnswer.Answer => Value;
}
