namespace Millrace.Consuming.Partitions;

/// <summary>Identifies a page of the log in the cache.</summary>
/// <param name="Epoch">The log epoch. A page of another epoch may contain events that a restore has removed.</param>
/// <param name="Round">The number of StoredContents.Round. A page of another round may contain erased values.</param>
/// <param name="From">The first position of the page.</param>
/// <param name="Limit">The maximum number of events of the page.</param>
internal readonly record struct LogPageKey(long Epoch, long Round, long From, int Limit);
