namespace Millrace.Materializing.Immediate;

/// <summary>The rows that a read of an immediate view uses.</summary>
/// <param name="Source">The collection of the read model.</param>
/// <param name="Collection">The collection of the rows.</param>
/// <param name="Freshness">What the rows reflect.</param>
internal sealed record ImmediateEntry(string Source, string Collection, ViewFreshness Freshness);
