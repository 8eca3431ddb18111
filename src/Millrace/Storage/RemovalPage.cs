namespace Millrace.Storage;

/// <summary>Some of the removals of a store, in the order in which they were recorded.</summary>
/// <param name="Removals">The removals, each with its number: numbers grow, and need not follow one on the
/// other.</param>
/// <param name="Next">The number to go on after: that of the last one here; where there is none, the one that was gone
/// on after, or that of the last removal of all if it is smaller.</param>
public sealed record RemovalPage(IReadOnlyList<NumberedRemoval> Removals, long Next);

/// <summary>A removal and its number.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Record">What was removed.</param>
public readonly record struct NumberedRemoval(long Number, RemovalRecord Record);
