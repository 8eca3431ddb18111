namespace Millrace.Storage;

/// <summary>
/// A collection that stands beside what a read model's row names, for nodes of its own version alone: they read it and
/// keep it up to date as long as they run. Then it is removed.
/// </summary>
/// <param name="Name">The collection.</param>
/// <param name="Until">Until when it stays at least, by the clock that leases go by; to the microsecond. Nodes that
/// read it put that off.
/// </param>
public sealed record RetiredCollection(string Name, DateTimeOffset Until);
