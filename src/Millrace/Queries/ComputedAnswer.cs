namespace Millrace.Queries;

/// <summary>An answer that a handler computed or the shared level contained.</summary>
/// <param name="Value">The value.</param>
/// <param name="Freshness">The freshness.</param>
/// <param name="Reflects">The token of the position that the answer reflects at least; none if it is unknown.</param>
/// <param name="ReadTypes">The types of the documents that the handler read.</param>
/// <param name="Source">Where the answer came from.</param>
internal sealed record ComputedAnswer<T>(
    T Value, Freshness Freshness, ConsistencyToken Reflects, IReadOnlyList<Type> ReadTypes, AnswerSource Source)
{
    /// <summary>Gets the time at which a document expires and changes the answer; null if none does.</summary>
    public DateTimeOffset? DocumentsExpireAt { get; init; }
}
