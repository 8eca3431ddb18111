namespace Millrace.Storage;

/// <summary>A page of a store's removals, in the order in which they were recorded.</summary>
/// <param name="Removals">The removals with their numbers, which increase but may have gaps.</param>
/// <param name="Next">The number after which the next page starts, which is the last number of this page. For an empty
/// page, this is the lower of the requested number and the number of the last removal.</param>
public sealed record RemovalPage(IReadOnlyList<NumberedRemoval> Removals, long Next);

/// <summary>A removal with its number.</summary>
/// <param name="Number">The number, from 1.</param>
/// <param name="Record">The record of the removal.</param>
public readonly record struct NumberedRemoval(long Number, RemovalRecord Record);
