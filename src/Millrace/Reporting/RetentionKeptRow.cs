namespace Millrace.Reporting;

/// <summary>Expired streams or data subjects that a run kept.</summary>
internal sealed record RetentionKeptRow(
    string Run, string Policy, string Reason, long Count, IReadOnlyList<string> Examples);
