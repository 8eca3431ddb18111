namespace Millrace.Reporting;

/// <summary>The events of a stream that a run removed.</summary>
internal sealed record RetentionRemovalRow(
    long Position, DateTimeOffset Time, string Run, string Policy, string Stream, long ToVersion, long Events,
    long Bytes);
