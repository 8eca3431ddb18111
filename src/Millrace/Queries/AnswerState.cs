namespace Millrace.Queries;

/// <summary>The state of a store that a cached answer reflects.</summary>
/// <param name="Reflects">The token of the position that the answer reflects at least.</param>
/// <param name="LastRemoval">The number of the last removal of events that the answer reflects at least;
/// <see cref="NoRemovals"/> for an answer that does not depend on streams.</param>
/// <param name="Collections">The collections that the answer depends on.</param>
internal sealed record AnswerState(ConsistencyToken Reflects, long LastRemoval, IReadOnlyList<string> Collections)
{
    public const long NoRemovals = long.MaxValue;
}
