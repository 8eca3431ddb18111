namespace Millrace.Reporting;

/// <summary>The payload of <c>reports.deadline-extended</c>.</summary>
/// <param name="Erasure">The id of the request.</param>
/// <param name="Reason">The reason.</param>
/// <param name="By">The user who extended the deadline.</param>
internal sealed record DeadlineExtension(string Erasure, string Reason, string By);
