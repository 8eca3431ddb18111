namespace Millrace.Materializing;

/// <summary>A former collection of a view. It is removed after the reads before the switch have ended.</summary>
/// <param name="Name">The name.</param>
/// <param name="Until">The earliest time of the removal, by the clock of the storage.</param>
internal sealed record ReplacedCollection(string Name, DateTimeOffset Until);
