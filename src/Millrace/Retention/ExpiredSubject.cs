namespace Millrace.Retention;

/// <summary>A data subject with expired personal data.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Policy">The policy by which data has expired.</param>
/// <param name="IsYoung">Whether other data of the subject has not expired.</param>
/// <param name="Kept">The reason why the data is not erased; null if it can be erased.</param>
internal sealed record ExpiredSubject(string Subject, string Policy, bool IsYoung, string? Kept);
