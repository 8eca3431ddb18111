namespace Millrace.Testing.Specifications;

/// <summary>The position of an event in a specification.</summary>
/// <param name="Version">The version in the stream.</param>
/// <param name="Position">The position in the log.</param>
/// <param name="Time">The recorded time; null for the first day of 2024.</param>
internal readonly record struct StoredEventPosition(long Version, long Position, DateTimeOffset? Time = null);
