using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Erasing;

/// <summary>
/// Finds hashes of erased values in the columns of a collection. A hash of a value that can be guessed is personal
/// data.
/// </summary>
internal sealed class IndexHashCheck
{
    /// <summary>The text of the method for the certificate.</summary>
    public const string Method =
        ". Each hash was compared with that of the erased value, unless a key of another subject encrypts the value";

    private readonly List<(int Column, BlindField Field, FieldValue Erased)> _fields = [];
    private readonly ErasureTask _task;

    private IndexHashCheck(ErasureTask task) => _task = task;

    /// <summary>Creates the check of a collection; null if it has no column with hashes.</summary>
    public static async ValueTask<IndexHashCheck?> Create(
        ErasureTask task, CollectionDefinition collection, CancellationToken cancellationToken)
    {
        var index = task.Scope.Documents.Index;
        var check = new IndexHashCheck(task);
        for (var i = 0; i < collection.Fields.Count; i++)
        {
            var (name, kind) = collection.Fields[i];
            if (kind != FieldKind.Hash)
                continue;
            var field = index.Find(collection.Name, name)
                ?? new BlindField(i, name, index.PathOf(collection.Name, name), FieldKind.Text, FieldValue.Null);
            var erased = await index.OfErased(collection.Name, name, cancellationToken).ConfigureAwait(false);
            check._fields.Add((i, field, erased));
        }
        return check._fields.Count == 0 ? null : check;
    }

    /// <summary>
    /// Returns whether a column contains the hash of another value than the erased value, although the value in the
    /// document is not encrypted any more, or is encrypted with a destroyed key.
    /// </summary>
    public bool HasRemaining(Document document)
    {
        List<EncryptedValue>? values = null;
        foreach (var (column, field, erased) in _fields)
        {
            if (document.Fields is not { } columns || column >= columns.Count)
                return false;
            if (columns[column].IsNull || columns[column].Value as string == erased.Value as string)
                continue;
            values ??= EncryptedValueLocator.Find(document.Body.Span) ?? [];
            if (!values.Exists(value => field.IsAt(value.Path) && !_task.Ids.Contains(value.Text.KeyId)))
                return true;
        }
        return false;
    }
}
