namespace Millrace.Reporting;

/// <summary>A data subject whose personal data a run erased.</summary>
internal sealed record RetentionErasureRow(
    long Position, DateTimeOffset Time, string Run, string Policy, string Subject, string Erasure);
