using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>Computes how rows change when documents change. Only one run of a consumer calls it at a time.</summary>
internal abstract class RowRules
{
    /// <summary>Gets whether the former documents are needed.</summary>
    public abstract bool NeedsFormer { get; }

    /// <summary>Returns the changes of the rows.</summary>
    /// <param name="documents">The changed documents, each at most once.</param>
    /// <param name="rows">The collection of the rows.</param>
    /// <param name="position">The position that the rows reflect after the changes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public abstract ValueTask<IReadOnlyList<DocumentChange>> Change(
        IReadOnlyList<ChangedDocument> documents, string rows, long position, CancellationToken cancellationToken);
}
