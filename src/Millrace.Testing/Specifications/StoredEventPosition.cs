namespace Millrace.Testing;

/// <summary>Where an event of a specification stands.</summary>
/// <param name="Version">Its version in its stream.</param>
/// <param name="Position">Its position in the log.</param>
/// <param name="Time">When it was recorded; null for the first day of 2024.</param>
internal readonly record struct StoredEventPosition(long Version, long Position, DateTimeOffset? Time = null);
