using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>
/// Changes the rows of groups: subtracts the values of the former documents from the totals of their groups, and adds
/// those of the new documents.
/// </summary>
internal sealed class GroupRules<TKey, TDocument, TGroup, TRow>(
    GroupedView<TKey, TDocument, TGroup, TRow> view,
    ViewRowFormat<TRow> rowFormat,
    DocumentFormat<TKey, TDocument> documents,
    IDocumentStorage storage)
    : RowRules
    where TKey : notnull
    where TDocument : class
    where TGroup : notnull
    where TRow : class
{
    public override bool NeedsFormer => true;

    public override async ValueTask<IReadOnlyList<DocumentChange>> Change(
        IReadOnlyList<ChangedDocument> changed, string rows, long position, CancellationToken cancellationToken)
    {
        var groups = new Dictionary<string, GroupChange<TGroup>>(StringComparer.Ordinal);
        foreach (var document in changed)
        {
            CountDocument(groups, document.Key, document.Before, -1);
            CountDocument(groups, document.Key, document.After, 1);
        }
        foreach (var (key, change) in groups)
        {
            if (change.IsEmpty)
                groups.Remove(key);
        }
        var stored = new Dictionary<string, GroupTotals>(groups.Count, StringComparer.Ordinal);
        foreach (var batch in groups.Keys.Chunk(GroupChange<TGroup>.MaxLoadBatch))
        {
            var found = await storage.GetMany(rows, batch, cancellationToken).ConfigureAwait(false);
            foreach (var row in found)
                stored.Add(row.Key, GroupBody.TotalsOf(row.Body));
        }
        var changes = new List<DocumentChange>(groups.Count);
        foreach (var (key, change) in groups)
            changes.Add(ChangeOf(rows, key, change, stored.GetValueOrDefault(key), Math.Max(1, position)));
        return changes;
    }

    /// <exception cref="ViewCodeException">The code of the view failed.</exception>
    private void CountDocument(
        Dictionary<string, GroupChange<TGroup>> groups, string document, ReadOnlyMemory<byte>? body, int sign)
    {
        try
        {
            Count(groups, body, sign);
        }
#pragma warning disable CA1031 // Every exception of the code is wrapped.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new ViewCodeException($"the document '{document}'", exception);
        }
    }

    private void Count(Dictionary<string, GroupChange<TGroup>> groups, ReadOnlyMemory<byte>? body, int sign)
    {
        if (body is not { } stored || documents.Read(stored) is not { } document || !view.Includes(document))
            return;
        var group = view.Group(document)
            ?? throw new InvalidOperationException("Group returned null. Exclude such documents by Includes.");
        var key = KeyText.RequireDocumentKey(KeyText.Of(group));
        if (!groups.TryGetValue(key, out var change))
            groups.Add(key, change = new GroupChange<TGroup>());
        change.Add(
            group, sign, view.Values(document) ?? throw new InvalidOperationException("Values returned null."));
    }

    private DocumentChange ChangeOf(
        string rows, string key, GroupChange<TGroup> change, GroupTotals? stored, long position)
    {
        var totals = change.ApplyTo(key, stored);
        try
        {
            return ChangeOf(rows, key, change.Group, totals, position);
        }
#pragma warning disable CA1031 // Every exception of the code is wrapped.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new ViewCodeException($"the group '{key}'", exception);
        }
    }

    private DocumentChange ChangeOf(string rows, string key, TGroup group, GroupTotals? totals, long position)
    {
        var row = totals is null ? null
            : view.Row(group, totals) ?? throw new InvalidOperationException("Row returned null.");
        return new DocumentChange
        {
            Collection = rows,
            Key = key,
            // Null removes the row. A null array would become empty bytes.
            Body = row is null ? default(ReadOnlyMemory<byte>?) : GroupBody.Write(totals!, rowFormat.Write(row)),
            Fields = row is null ? [] : rowFormat.Fields(row),
            Position = position,
        };
    }
}
