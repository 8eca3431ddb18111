namespace Millrace.Materializing.Immediate;

/// <summary>
/// A collection of rows of an immediate view, and up to which commit of the projection it is complete.
/// </summary>
internal sealed record ImmediateRows
{
    /// <summary>Gets the name of the collection.</summary>
    public required string Collection { get; init; }

    /// <summary>Gets the epoch of the log.</summary>
    public long LogEpoch { get; init; }

    /// <summary>Gets the lease epoch of the projection's run that last changed the rows.</summary>
    public required long LeaseEpoch { get; init; }

    /// <summary>
    /// Gets the revision of the read model in the catalog. A collection that is dropped and created again has a higher
    /// revision.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>Gets the checkpoint of the projection up to which the rows are complete.</summary>
    public long Position { get; init; }

    /// <summary>
    /// Gets the key of the last document that the build has read; null before the first. Only documents up to this key
    /// have rows.
    /// </summary>
    public string? Cursor { get; init; }

    /// <summary>Gets whether the build has read all documents.</summary>
    public bool IsComplete { get; init; }

    /// <summary>
    /// Returns the rows for a run; null if a program without the view may have committed since. A new holder of the
    /// lease has the next lease epoch, and a reset or another holder in between skips one. The revision rises with each
    /// change of the read model's builds.
    /// </summary>
    public ImmediateRows? ContinueWith(ImmediateRun run) =>
        LogEpoch == run.LogEpoch
        && Revision <= run.Revision
        && run.IsListed
        && Position == run.Checkpoint
        && (LeaseEpoch == run.LeaseEpoch || LeaseEpoch == run.LeaseEpoch - 1)
            ? this with { LeaseEpoch = run.LeaseEpoch }
            : null;

    /// <summary>Returns whether the rows are an earlier state of the documents, and not of former documents.</summary>
    public bool IsOlderThan(ImmediateRun run) =>
        (LogEpoch, Revision) == (run.LogEpoch, run.Revision)
        && LeaseEpoch < run.LeaseEpoch
        && Position <= (run.Checkpoint ?? -1);
}
