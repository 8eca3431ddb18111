namespace Millrace.Storage;

/// <summary>A page of a store's removals, in the order in which they were recorded.</summary>
/// <param name="Removals">The removals with their numbers, which increase but may have gaps.</param>
/// <param name="Next">The number to continue after: the last one of this page. For an empty page, the requested number,
/// or the number of the last removal if that is lower.</param>
public sealed record RemovalPage(IReadOnlyList<NumberedRemoval> Removals, long Next);

/// <summary>A removal with its number.</summary>
/// <param name="Number">The number, from 1.</param>
/// <param name="Record">The record of the removal.</param>
public readonly record struct NumberedRemoval(long Number, RemovalRecord Record);
