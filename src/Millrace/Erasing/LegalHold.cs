namespace Millrace;

/// <summary>A legal hold, which prevents the erasure of a data subject.</summary>
/// <param name="Subject">The data subject.</param>
/// <param name="Reason">The reason.</param>
/// <param name="By">The user who placed the hold.</param>
/// <param name="At">The time at which the hold was placed.</param>
/// <param name="Until">The time at which the hold ends; null if it must be released.</param>
public sealed record LegalHold(string Subject, string Reason, string By, DateTimeOffset At, DateTimeOffset? Until);
