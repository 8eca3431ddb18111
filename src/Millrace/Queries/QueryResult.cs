using System.Text.Json.Nodes;

namespace Millrace;

/// <summary>The answer to a query.</summary>
/// <param name="Value">The value that the handler returned.</param>
/// <param name="Freshness">The freshness, which indicates whether the answer reflects the requested token.</param>
public readonly record struct QueryResult<TResult>(TResult Value, Freshness Freshness) : IFreshAnswer
{
    /// <summary>
    /// Gets the answer as JSON without the members that the user may not see; null if the answer is the value.
    /// </summary>
    internal JsonNode? Filtered { get; init; }

    object? IFreshAnswer.Answer => Value;
}
