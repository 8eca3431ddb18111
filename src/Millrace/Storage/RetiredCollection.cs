namespace Millrace.Storage;

/// <summary>
/// A collection of a read model that only nodes of its version use. They read it and keep it up to date while they run;
/// after that it is removed.
/// </summary>
/// <param name="Name">The name of the collection.</param>
/// <param name="Until">The earliest time of its removal, by the clock of the leases, in microseconds. Nodes that read
/// the collection postpone it.</param>
public sealed record RetiredCollection(string Name, DateTimeOffset Until);
