namespace Millrace.DeadLettering;

/// <summary>The progress of a decision about several dead letters, in the shards that it has processed.</summary>
/// <param name="started">The timestamp of the start.</param>
internal sealed class DeadLetterReplayProgress(long started)
{
    public long Started { get; } = started;

    public int Released { get; set; }

    public int Conflicted { get; set; }

    public int Succeeded { get; set; }

    public int Failed { get; set; }

    public bool IsStopped { get; set; }

    /// <summary>Gets or sets the id of the last dead letter that was processed.</summary>
    public long Last { get; set; }

    /// <summary>Gets or sets the earliest time of the next step, since the start.</summary>
    public TimeSpan NotBefore { get; set; }

    /// <summary>Gets the number of dead letters that were processed.</summary>
    public int Processed => Released + Conflicted;

    public DeadLetterReplay ToResult() =>
        new(Released, Conflicted, Succeeded, Failed, IsStopped) { Last = Last };
}
