namespace Millrace.Recovering;

/// <summary>The content of an event of the recovery manager. Members that an event does not have are null.</summary>
internal sealed record RecoveryNote
{
    public required string Case { get; init; }

    public string? Rule { get; init; }

    public RecoveryDiagnosis? Diagnosis { get; init; }

    public string? Subject { get; init; }

    public string? Action { get; init; }

    public int? Attempt { get; init; }

    public string? Node { get; init; }

    public double? DurationMs { get; init; }

    public string? Text { get; init; }

    public string? By { get; init; }

    public static RecoveryNote Of(RecoveryRecord record) => new()
    {
        Case = record.Id,
        Rule = record.Rule,
        Subject = record.Subject,
        By = record.By,
    };
}
