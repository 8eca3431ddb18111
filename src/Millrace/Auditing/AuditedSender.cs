namespace Millrace.Auditing;

/// <summary>The sender of an audited request.</summary>
/// <param name="User">The id of the user; null if there is no user.</param>
/// <param name="Origin">The place from which the request came; null if it is unknown.</param>
/// <param name="CorrelationId">The id of the conversation; null if there is none.</param>
internal readonly record struct AuditedSender(string? User, AuditOrigin? Origin, Guid? CorrelationId);
