using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Copies the unique values and the ids of handled commands and messages of a tenant to another shard, and writes only
/// the differences.
/// </summary>
internal sealed class TenantRowCopier(
    IMoveEndpoint sourceRows, IMoveEndpoint targetRows, TenantPart source, TenantPart target, ArrivalWriter writer)
{
    private const int PageRows = 1_000;
    private const int ChangesPerCommit = 200;

    // The columns of MovedTables.Claims and MovedTables.Handled.
    private const int Scope = 0;
    private const int Value = 1;
    private const int Owner = 2;
    private const int Answer = 2;
    private const int Until = 4;

    /// <summary>Returns the reader of a storage's rows.</summary>
    /// <exception cref="TenantMoveException">The storage has none.</exception>
    public static IMoveEndpoint RowsOf(TenantId tenant, TenantPart part) => part.Rows
        ?? throw new TenantMoveException(
            tenant.Value,
            $"{part.Store.Description} cannot list unique values. Use SQLite or PostgreSQL for both shards.");

    public async Task Copy(CancellationToken cancellationToken)
    {
        await CopyClaims(cancellationToken).ConfigureAwait(false);
        await CopyHandled(cancellationToken).ConfigureAwait(false);
    }

    private async Task CopyClaims(CancellationToken cancellationToken)
    {
        // Values that the source has released since an earlier round.
        await ForEach(targetRows, target, sourceRows, source, MovedTables.Claims, async (copies, sources) =>
        {
            var released = copies.Where(copy => OwnerOf(sources, copy) != (string)copy[Owner]!)
                .Select(copy => Claim.Release((string)copy[Scope]!, (string)copy[Value]!, (string)copy[Owner]!));
            foreach (var chunk in released.Chunk(ChangesPerCommit))
                await writer.Write(new CommitRequest { Claims = chunk, IsAsStored = true }, cancellationToken)
                    .ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
        await ForEach(sourceRows, source, targetRows, target, MovedTables.Claims, async (sources, copies) =>
        {
            var missing = sources.Where(one => OwnerOf(copies, one) is null)
                .Select(one => Claim.Acquire(Move((string)one[Scope]!), (string)one[Value]!, (string)one[Owner]!));
            foreach (var chunk in missing.Chunk(ChangesPerCommit))
                await writer.Write(new CommitRequest { Claims = chunk, IsAsStored = true }, cancellationToken)
                    .ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    private Task CopyHandled(CancellationToken cancellationToken) => ForEach(
        sourceRows,
        source,
        targetRows,
        target,
        MovedTables.Handled,
        async (sources, copies) =>
        {
            foreach (var chunk in sources.Select(one => ToMark(one, copies)).OfType<HandledMark>()
                .Chunk(ChangesPerCommit))
                await writer.Write(new CommitRequest { Handled = chunk, IsAsStored = true }, cancellationToken)
                    .ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Returns the mark to write; null if the target has it, or if it has expired.</summary>
    private HandledMark? ToMark(MovedRow row, IReadOnlyDictionary<(string, string), MovedRow> copies)
    {
        var answer = (byte[]?)row[Answer] ?? [];
        var until = DateTimeOffset.UnixEpoch.AddTicks((long)row[Until]! * TimeSpan.TicksPerMicrosecond);
        var mark = new HandledMark(Move((string)row[Scope]!), (string)row[Value]!, answer, until);
        if (until <= target.Store.Time.GetUtcNow())
            return null;
        if (!copies.TryGetValue(KeyOf(row), out var copy))
            return mark;
        var stored = (byte[]?)copy[Answer] ?? [];
        return stored.AsSpan().SequenceEqual(answer) ? null : mark with { Replaces = stored };
    }

    private static string? OwnerOf(IReadOnlyDictionary<(string, string), MovedRow> others, MovedRow row) =>
        others.TryGetValue(KeyOf(row), out var other) ? (string?)other[Owner] : null;

    private string Move(string scope) => target.Names.ToStored(source.Names.ToTenant(scope));

    /// <summary>The key of a row with the tenant's name of the scope, which is the same in both shards.</summary>
    private static (string Scope, string Value) KeyOf(MovedRow row)
    {
        var scope = (string)row[Scope]!;
        return (scope[(scope.IndexOf('/', StringComparison.Ordinal) + 1)..], (string)row[Value]!);
    }

    /// <summary>Calls an action with each page of the tenant's rows, and the rows of the other shard by their
    /// keys.</summary>
    private static async Task ForEach(
        IMoveEndpoint rows,
        TenantPart part,
        IMoveEndpoint others,
        TenantPart otherPart,
        MovedTable table,
        Func<IReadOnlyList<MovedRow>, IReadOnlyDictionary<(string, string), MovedRow>, Task> action,
        CancellationToken cancellationToken)
    {
        // Otherwise the tenant's rows are between those of other tenants.
        var after = rows.SortsScopes ? new MovedRow([part.Names.Prefix, ""]) : null;
        while (true)
        {
            var page = await Read(rows, session => session.ReadRows(table, after, PageRows, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            MovedRow[] own = [.. page.Where(row => part.Names.IsOwn((string)row[Scope]!))];
            if (own.Length > 0)
            {
                MovedRow[] keys = [.. own.Select(row => new MovedRow([OtherScope(row), row[Value]]))];
                var found = await Read(others, session => session.FindRows(table, keys, cancellationToken),
                    cancellationToken).ConfigureAwait(false);
                await action(own, found.ToDictionary(KeyOf)).ConfigureAwait(false);
            }
            if (page.Count < PageRows || (rows.SortsScopes && own.Length < page.Count))
                return;
            after = page[^1];
        }

        string OtherScope(MovedRow row) => otherPart.Names.ToStored(part.Names.ToTenant((string)row[Scope]!));
    }

    private static async Task<IReadOnlyList<MovedRow>> Read(
        IMoveEndpoint endpoint,
        Func<IMoveSession, ValueTask<IReadOnlyList<MovedRow>>> read,
        CancellationToken cancellationToken)
    {
        var session = await endpoint.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return await read(session).ConfigureAwait(false);
    }
}
