namespace Millrace;

/// <summary>The answer to a query.</summary>
/// <param name="Value">What its handler returned.</param>
/// <param name="Freshness">Whether it reflects what was asked for.</param>
public readonly record struct QueryResult<TResult>(TResult Value, Freshness Freshness) : IFreshAnswer
{
    object? IFreshAnswer.Answer => Value;
}
