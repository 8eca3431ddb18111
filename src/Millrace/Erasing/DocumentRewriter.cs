using System.Buffers;
using System.Text;
using Millrace.Aggregates;
using Millrace.Protection;
using Millrace.Scheduling;
using Millrace.Storage;

namespace Millrace.Erasing;

/// <summary>
/// Replaces the encrypted values of a subject in documents by the erased values, and removes snapshots with the
/// subject's data. Documents that are written at the same time are read again.
/// </summary>
internal sealed class DocumentRewriter(ErasureTask task)
{
    private const string MessageBodies = "message-bodies";
    private const int MaxAttempts = 10;

    private ErasureScope Scope => task.Scope;

    /// <summary>Rewrites the documents of all collections, including those that are being built or kept.</summary>
    public async Task<ErasureLocation> RewriteDocuments(CancellationToken cancellationToken)
    {
        var (rows, changed) = (0L, 0L);
        foreach (var collection in await Scope.Collections(cancellationToken).ConfigureAwait(false))
        {
            var name = collection.Definition.Name;
            if (Scope.ToOwn(name) is SnapshotStore.Collection or TimerStore.Name or MessageBodies)
                continue;
            await foreach (var document in Scope.ReadDocuments(name, cancellationToken).ConfigureAwait(false))
            {
                rows++;
                if (task.Ids.IsIn(document.Body.Span)
                    && await Rewrite(collection.Definition, document, cancellationToken).ConfigureAwait(false))
                    changed++;
            }
        }
        return new ErasureLocation(
            "documents",
            "Encrypted values of the subject, and their hashes in indexes, were replaced by those of erased values.",
            rows)
        {
            Matches = changed,
            Changed = changed,
        };
    }

    /// <summary>
    /// Removes the snapshots of streams with the subject's events, and those that contain a value and name it.
    /// </summary>
    public Task<ErasureLocation> RemoveSnapshots(CancellationToken cancellationToken) =>
        Remove(
            SnapshotStore.Collection,
            "Snapshots of streams with events of the subject were removed.",
            task.SnapshotKeys(),
            cancellationToken);

    /// <summary>
    /// Removes the stored bodies of large messages that contain a value and name the subject.
    /// </summary>
    public Task<ErasureLocation> RemoveMessageBodies(CancellationToken cancellationToken) =>
        Remove(
            MessageBodies,
            "Bodies of large messages that contain values and name the subject were removed.",
            [],
            cancellationToken);

    private async Task<ErasureLocation> Remove(
        string own, string method, HashSet<string> keys, CancellationToken cancellationToken)
    {
        var (rows, changed) = (0L, 0L);
        var name = Scope.ToStored(own);
        foreach (var collection in await Scope.Collections(cancellationToken).ConfigureAwait(false))
        {
            if (collection.Definition.Name != name)
                continue;
            await foreach (var document in Scope.ReadDocuments(name, cancellationToken).ConfigureAwait(false))
            {
                rows++;
                if (!keys.Contains(document.Key)
                    && !await MustRemove(name, document, cancellationToken).ConfigureAwait(false))
                    continue;
                var removal = new DocumentChange { Collection = name, Key = document.Key };
                await Commit(removal, cancellationToken).ConfigureAwait(false);
                changed++;
            }
        }
        return new ErasureLocation(own, method, rows) { Matches = changed, Changed = changed };
    }

    /// <summary>Returns the body with erased values; null if it contains no encrypted value of the subject.</summary>
    internal static byte[]? Erase(ReadOnlySpan<byte> body, KeyIdSet ids)
    {
        var values = EncryptedValueLocator.Find(body);
        values?.RemoveAll(value => !ids.Contains(value.Text.KeyId));
        if (values is null or { Count: 0 })
            return null;
        var output = new ArrayBufferWriter<byte>(body.Length);
        var copied = 0;
        foreach (var value in values)
        {
            output.Write(body[copied..value.Start]);
            output.Write(Encoding.UTF8.GetBytes(value.Text.ErasedJson));
            copied = value.Start + value.Length;
        }
        output.Write(body[copied..]);
        return output.WrittenSpan.ToArray();
    }

    private async Task<bool> MustRemove(string collection, Document document, CancellationToken cancellationToken)
    {
        if (task.Matcher is null)
            return false;
        var revealed = await Scope.Documents.TryReveal(collection, document, cancellationToken).ConfigureAwait(false);
        return revealed is not null && task.MustChange(revealed.Body.Span, task.IsNamedByKey(document.Key));
    }

    private async Task<bool> Rewrite(
        CollectionDefinition definition, Document first, CancellationToken cancellationToken)
    {
        var (collection, document) = (definition.Name, first);
        for (var attempt = 1; ; attempt++)
        {
            if (Erase(document.Body.Span, task.Ids) is not { } body)
                return attempt > 1; // Another writer replaced the document.
            var change = new DocumentChange
            {
                Collection = collection,
                Key = document.Key,
                FromVersion = document.Version,
                Body = body,
                Fields = await EraseHashes(definition, document, cancellationToken).ConfigureAwait(false),
                Position = document.Position,
            };
            var refusal = await TryCommit(change, cancellationToken).ConfigureAwait(false);
            if (refusal is null)
                return true;
            if (refusal is not DocumentConflictException || attempt == MaxAttempts)
                throw refusal;
            if (await Reread(collection, document.Key, cancellationToken).ConfigureAwait(false) is not { } again)
                return true; // Another writer removed the document.
            document = again;
        }
    }

    /// <summary>
    /// Returns the columns, with the hashes of the subject's values replaced by those of erased values.
    /// </summary>
    private async ValueTask<IReadOnlyList<FieldValue>> EraseHashes(
        CollectionDefinition definition, Document document, CancellationToken cancellationToken)
    {
        if (document.Fields is not { } columns || !definition.Fields.Any(field => field.Kind == FieldKind.Hash))
            return document.Fields ?? [];
        var paths = EncryptedValueLocator.Find(document.Body.Span)?
            .Where(value => task.Ids.Contains(value.Text.KeyId))
            .Select(value => value.Path)
            .ToHashSet(StringComparer.OrdinalIgnoreCase) ?? [];
        var index = Scope.Documents.Index;
        FieldValue[] erased = [.. columns];
        for (var i = 0; i < erased.Length; i++)
        {
            var field = definition.Fields[i];
            if (field.Kind == FieldKind.Hash && paths.Contains(index.PathOf(definition.Name, field.Name)))
                erased[i] = await index.OfErased(definition.Name, field.Name, cancellationToken).ConfigureAwait(false);
        }
        return erased;
    }

    /// <summary>Reads a document with its columns; null if it does not exist.</summary>
    private async ValueTask<Document?> Reread(string collection, string key, CancellationToken cancellationToken)
    {
        var now = await Scope.Storage.Documents.Get(collection, key, cancellationToken).ConfigureAwait(false);
        if (now is null || !task.Ids.IsIn(now.Body.Span))
            return now;
        // Only a query returns the columns, so all documents are searched for this one.
        await foreach (var document in Scope.ReadDocuments(collection, cancellationToken).ConfigureAwait(false))
        {
            if (document.Key == key)
                return document;
        }
        return null;
    }

    private async Task Commit(DocumentChange change, CancellationToken cancellationToken)
    {
        if (await TryCommit(change, cancellationToken).ConfigureAwait(false) is { } refusal)
            throw refusal;
    }

    private async Task<MillraceException?> TryCommit(DocumentChange change, CancellationToken cancellationToken)
    {
        var request = new CommitRequest { Documents = [change], IsAsStored = true };
        var outcome = await Scope.Store.TryCommit(request, isBackground: true, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal;
    }
}
