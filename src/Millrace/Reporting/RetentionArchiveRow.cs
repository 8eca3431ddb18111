namespace Millrace.Reporting;

/// <summary>An archive file that a run wrote.</summary>
internal sealed record RetentionArchiveRow(
    string Run, string Policy, string File, string Sha256, long Bytes, long Streams, long Events,
    long RemovedEvents);
