namespace Millrace;

/// <summary>Which page of the log is meant.</summary>
/// <param name="Epoch">The log's epoch: what was read in another one is of a lost future.</param>
/// <param name="From">Its first position.</param>
/// <param name="Limit">The most events of it.</param>
internal readonly record struct LogPageKey(long Epoch, long From, int Limit);
