using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>What a commit changes of an immediate view.</summary>
/// <param name="Rows">The changes of the rows.</param>
/// <param name="Stored">The change that stores the state.</param>
/// <param name="State">The state after the commit.</param>
internal sealed record ImmediateChange(
    IReadOnlyList<DocumentChange> Rows, DocumentChange Stored, ImmediateState State)
{
    /// <summary>Gets the failure because of which the rows are left out; null if there is none.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Gets the timestamp at which the failed work started.</summary>
    public long FailedFrom { get; init; }

    /// <summary>Gets whether the commit completes a build, whose rows are read from then on.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>Gets all writes.</summary>
    public IReadOnlyList<DocumentChange> Writes => [.. Rows, Stored];
}
