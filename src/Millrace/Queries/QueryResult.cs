using System.Text.Json.Nodes;

namespace Millrace;

/// <summary>The answer to a query.</summary>
/// <param name="Value">The value that the handler returned.</param>
/// <param name="Freshness">The freshness, which indicates whether the answer reflects the requested token.</param>
public readonly record struct QueryResult<TResult>(TResult Value, Freshness Freshness) : IFreshAnswer
{
    /// <summary>
    /// Gets the token of the position that the answer reflects at least; none if the position is unknown. A query with
    /// this token in <see cref="AskOptions.After"/> never returns an older answer.
    /// </summary>
    public ConsistencyToken Reflects { get; init; }

    /// <summary>Gets where the answer came from: from the handler or from a level of the query cache.</summary>
    public AnswerSource Source { get; init; }

    /// <summary>
    /// Gets the answer as JSON without the members that the user may not see; null if the answer is the value.
    /// </summary>
    internal JsonNode? Filtered { get; init; }

    object? IFreshAnswer.Answer => Value;
}
