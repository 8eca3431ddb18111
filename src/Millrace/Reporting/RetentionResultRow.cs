namespace Millrace.Reporting;

/// <summary>The result of a policy in a run.</summary>
internal sealed record RetentionResultRow(
    string Run, string Policy, long Streams, long Events, long Bytes, long ErasedSubjects,
    IReadOnlyList<string> ReadModels);
