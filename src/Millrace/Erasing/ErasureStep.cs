namespace Millrace;

/// <summary>A recorded step of an erasure.</summary>
/// <param name="Name">The name, such as <c>approved</c>.</param>
/// <param name="At">The time.</param>
/// <param name="By">The user; null for a step of the system.</param>
/// <param name="Position">The position of its event in the log.</param>
public sealed record ErasureStep(string Name, DateTimeOffset At, string? By, long Position);
