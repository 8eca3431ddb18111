namespace Millrace.Store;

/// <summary>A day on which nodes remembered queries.</summary>
internal sealed record QueryDay
{
    /// <summary>Gets whether a node did not count some queries, or none.</summary>
    public bool HasOmissions { get; init; }
}
