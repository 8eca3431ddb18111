using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Copies the collections of a tenant to another shard. Compares all documents, and writes only the differences, so
/// that a second round is short. The positions of documents are translated.
/// </summary>
internal sealed class TenantDocumentCopier(
    TenantPart source, TenantPart target, ArrivalWriter writer, PositionMap positions)
{
    private const int PageDocuments = 200;
    private const int ChangesPerCommit = 200;
    private const int MaxCommitBytes = 4 * 1024 * 1024;

    private readonly List<DocumentChange> _changes = [];
    private int _bytes;

    /// <summary>Gets what throws an exception if another call or node has taken over the move.</summary>
    public required Func<CancellationToken, ValueTask> ThrowIfTakenOver { get; init; }

    /// <summary>Copies all collections. Returns the number of documents.</summary>
    public async Task<long> Copy(CancellationToken cancellationToken)
    {
        var count = 0L;
        var definitions = await ListDefinitions(source, cancellationToken).ConfigureAwait(false);
        foreach (var definition in definitions)
        {
            var copy = definition with { Name = ToTarget(definition.Name) };
            await ThrowIfTakenOver(cancellationToken).ConfigureAwait(false); // The next operation has no condition.
            await target.Storage.Documents.EnsureCollection(copy, cancellationToken).ConfigureAwait(false);
            await CopyIndexes(definition.Name, copy.Name, cancellationToken).ConfigureAwait(false);
            count += await Copy(definition, copy.Name, cancellationToken).ConfigureAwait(false);
        }
        var names = definitions.Select(one => ToTarget(one.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var surplus in await ListDefinitions(target, cancellationToken).ConfigureAwait(false))
        {
            if (!names.Contains(surplus.Name))
                await Clear(surplus.Name, cancellationToken).ConfigureAwait(false);
        }
        return count;
    }

    /// <summary>Lists the definitions of the tenant's collections, with stored names.</summary>
    public static async ValueTask<IReadOnlyList<CollectionDefinition>> ListDefinitions(
        TenantPart part, CancellationToken cancellationToken)
    {
        var all = await part.Storage.Documents.ListDefinitions(cancellationToken).ConfigureAwait(false);
        return [.. all.Where(one => part.Names.IsOwn(one.Name))];
    }

    private string ToTarget(string stored) => target.Names.ToStored(source.Names.ToTenant(stored));

    private async ValueTask CopyIndexes(string from, string to, CancellationToken cancellationToken)
    {
        if (source.Storage.Planner?.Indexes is not { CanBuild: true } sources
            || target.Storage.Planner?.Indexes is not { CanBuild: true } targets)
            return;
        var existing = await targets.List(to, cancellationToken).ConfigureAwait(false);
        foreach (var index in await sources.List(from, cancellationToken).ConfigureAwait(false))
        {
            if (existing.All(one => one.Name != index.Name))
                await targets.Create(to, index, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<long> Copy(CollectionDefinition from, string to, CancellationToken cancellationToken)
    {
        var count = 0L;
        var copies = Read(target, to, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var _ = copies.ConfigureAwait(false);
        var copy = await Next(copies).ConfigureAwait(false);
        await foreach (var one in Read(source, from.Name, cancellationToken).ConfigureAwait(false))
        {
            for (; copy is not null && Compare(copy, one) < 0; copy = await Next(copies).ConfigureAwait(false))
                await Remove(copy, to, cancellationToken).ConfigureAwait(false);
            var change = ToChange(one, from, to);
            if (copy is null || Compare(copy, one) > 0)
                await Write(change, cancellationToken).ConfigureAwait(false);
            else
            {
                if (!IsSame(copy, one, change.Position))
                    await Write(change, cancellationToken).ConfigureAwait(false);
                copy = await Next(copies).ConfigureAwait(false);
            }
            count++;
        }
        for (; copy is not null; copy = await Next(copies).ConfigureAwait(false))
            await Remove(copy, to, cancellationToken).ConfigureAwait(false);
        await Flush(cancellationToken).ConfigureAwait(false);
        return count;

        static async ValueTask<Document?> Next(IAsyncEnumerator<Document> all) =>
            await all.MoveNextAsync().ConfigureAwait(false) ? all.Current : null;

        static int Compare(Document one, Document other) => CodePointOrder.Instance.Compare(one.Key, other.Key);
    }

    /// <summary>
    /// Removes the documents of a collection that the source does not have any more. The collection itself remains,
    /// because only a commit can be refused to a mover that another one has overtaken.
    /// </summary>
    private async ValueTask Clear(string collection, CancellationToken cancellationToken)
    {
        await foreach (var copy in Read(target, collection, cancellationToken).ConfigureAwait(false))
            await Remove(copy, collection, cancellationToken).ConfigureAwait(false);
        await Flush(cancellationToken).ConfigureAwait(false);
    }

    private static bool IsSame(Document copy, Document one, long position) =>
        copy.Position == position
        && copy.Body.Span.SequenceEqual(one.Body.Span)
        && (copy.Fields ?? []).SequenceEqual(one.Fields ?? []);

    private DocumentChange ToChange(Document document, CollectionDefinition from, string to)
    {
        var fields = (document.Fields ?? []).ToArray();
        for (var i = 0; i < fields.Length; i++)
        {
            if (from.Fields[i].Kind == FieldKind.Hash && !fields[i].IsHash && fields[i].Value is string { } hash)
                fields[i] = FieldValue.OfHash(hash);
        }
        return new DocumentChange
        {
            Collection = to,
            Key = document.Key,
            Body = document.Body,
            Fields = fields,
            // 0 would be the end of the log. The first event of the log does not belong to the tenant.
            Position = Math.Max(1, positions.Translate(document.Position)),
        };
    }

    private ValueTask Remove(Document copy, string collection, CancellationToken cancellationToken) =>
        Write(new DocumentChange { Collection = collection, Key = copy.Key, Body = null }, cancellationToken);

    private async ValueTask Write(DocumentChange change, CancellationToken cancellationToken)
    {
        _changes.Add(change);
        _bytes += change.Body?.Length ?? 0;
        if (_changes.Count == ChangesPerCommit || _bytes > MaxCommitBytes)
            await Flush(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Flush(CancellationToken cancellationToken)
    {
        if (_changes.Count == 0)
            return;
        await writer
            .Write(new CommitRequest { Documents = [.. _changes], IsAsStored = true }, cancellationToken)
            .ConfigureAwait(false);
        _changes.Clear();
        _bytes = 0;
    }

    private static IAsyncEnumerable<Document> Read(
        TenantPart part, string collection, CancellationToken cancellationToken) => part.Storage.Documents.ReadAll(
            new DocumentQuery { Collection = collection, Limit = PageDocuments, WithFields = true },
            cancellationToken);
}
