namespace Millrace.Storage;

/// <summary>
/// A collection of a read model that only nodes of one version use. These nodes read the collection and keep it up to
/// date while they run. After that, the collection is removed.
/// </summary>
/// <param name="Name">The name of the collection.</param>
/// <param name="Until">The earliest time of the removal, according to the clock of the leases, with a precision of
/// microseconds. Nodes that read the collection postpone this time.</param>
public sealed record RetiredCollection(string Name, DateTimeOffset Until);
