using Millrace.Protection;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.KeyManagement;

/// <summary>
/// Replaces the plain values of the claims of a scope by hashes, and adds the prefix to hashes of earlier builds. A
/// batch releases plain values and claims their hashes for the same owners in one commit, so each step is repeatable.
/// </summary>
internal sealed class ClaimProtection(
    EventStore store,
    KeyRing keys,
    Guid keyStore,
    ClaimProtectionRequest request,
    IProgress<MaintenanceProgress>? progress)
{
    private const int BatchClaims = 200;
    private const int MaxAttempts = 5;
    private const int MaxConflicts = 100;
    private const string Step = "Protecting claims";

    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(1);

    private readonly ClaimProtectionLog _log = new(store);
    private readonly List<string> _conflicts = [];
    private long _replaced;
    private long _remaining;
    private bool _hasEarlierHashes;
    private bool _hasPlain;

    private ILogStorage Log => store.Stored.Storage.Log;

    public async Task<ClaimProtectionResult> Run(CancellationToken cancellationToken)
    {
        if (await TenantCollection.IsIn(store.Stored.Storage, cancellationToken).ConfigureAwait(false))
            throw new KeyStoreException(
                $"Tenants share {store.Description}, and each has its own claims. Replace the claims of the scope "
                    + $"'{request.Scope}' for each tenant: in the tool, specify --tenant, and in code, the store and "
                    + "the name of the tenant.",
                StorageProblem.Other);
        keys.Forget();
        var owner = new KeyOwner(request.Tenant ?? "", "", IndexKey.ClaimPrefix + request.Scope);
        var open = await _log.FindOpen(request.Scope, cancellationToken).ConfigureAwait(false);
        var likeHashes = await CountValuesLikeHashes(cancellationToken).ConfigureAwait(false);
        var stored = likeHashes is null ? await FindKey(owner, cancellationToken).ConfigureAwait(false)
            : await IndexKey.Find(keys, owner, cancellationToken).ConfigureAwait(false);
        _hasPlain = open?.HasPlain ?? (stored is not null && await HasPlain(cancellationToken).ConfigureAwait(false));
        var note = new ClaimProtectionNote(open?.Id ?? Guid.CreateVersion7(store.Time.GetUtcNow()), request.Scope)
        {
            By = request.By,
            Reason = request.Reason,
            HasPlain = open is not null ? open.HasPlain : stored is null ? null : _hasPlain,
        };
        await _log.Started(note with { ValuesLikeHashes = likeHashes }, cancellationToken).ConfigureAwait(false);
        if (likeHashes is null)
            await Declare(cancellationToken).ConfigureAwait(false);
        _hasEarlierHashes = stored is not null
            && open is not { HasPlain: null } // Otherwise, the interrupted call created the key.
            && stored.CreatedAt + ClockDifference < await FirstDeclared(cancellationToken).ConfigureAwait(false);
        var key = await keys.GetCurrent(owner, cancellationToken).ConfigureAwait(false);
        if (likeHashes is not null)
            await ReplaceValuesLikeHashes(key, note, cancellationToken).ConfigureAwait(false);
        await ReplaceAll(key, cancellationToken).ConfigureAwait(false);
        await _log
            .Completed(note with { Replaced = _replaced, Remaining = _remaining }, cancellationToken)
            .ConfigureAwait(false);
        return new ClaimProtectionResult
        {
            Id = note.Id,
            Scope = request.Scope,
            WasContinued = open is not null,
            Replaced = _replaced,
            Conflicts = _conflicts,
        };
    }

    /// <summary>Returns the key of the scope. Null if a new key can be created, because there are no hashes.</summary>
    private async ValueTask<KeyRecord?> FindKey(KeyOwner owner, CancellationToken cancellationToken)
    {
        var stored = await IndexKey.Find(keys, owner, cancellationToken).ConfigureAwait(false);
        if (stored is null
            && await ClaimHash
                .ReadHashes(Log, request.Scope, cancellationToken)
                .AnyAsync(cancellationToken)
                .ConfigureAwait(false))
            throw new KeyStoreException(
                $"The scope '{request.Scope}' has hashes, and {keys.Description} does not contain their key"
                    + (request.Tenant is { } tenant ? $" for the tenant '{tenant}'" : "")
                    + ". Restore the newest backup of the key store.",
                StorageProblem.Damaged);
        return stored;
    }

    /// <summary>
    /// Returns the time of the first declaration of the scope. Builds that declare scopes create the key afterwards, so
    /// an older key has hashes of earlier builds, without a prefix.
    /// </summary>
    private async ValueTask<DateTimeOffset> FirstDeclared(CancellationToken cancellationToken)
    {
        var own = await FirstDeclared(Log, cancellationToken).ConfigureAwait(false);
        var shared = Log is ISharedLogPart part
            ? await FirstDeclared(part.SharedLog, cancellationToken).ConfigureAwait(false)
            : own;
        return own < shared ? own : shared;
    }

    private async ValueTask<DateTimeOffset> FirstDeclared(ILogStorage log, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(ProtectionStartup.Stream, 1, IsBackwards: false, BatchClaims);
        while (true)
        {
            var page = await log.ReadStream(query, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
            {
                if (ProtectionDeclaration.Read(recorded.Payload.Span)?.Claims?.Contains(request.Scope) == true)
                    return recorded.Timestamp;
            }
            if (page.Events.Count < BatchClaims)
                return DateTimeOffset.MaxValue;
            query = query with { From = page.Events[^1].Version + 1 };
        }
    }

    /// <summary>
    /// Returns the number of plain values in the form of a hash; null if values of this form are hashes. Programs
    /// declare a scope before they store a hash, so a scope that was not declared has none.
    /// </summary>
    private async ValueTask<long?> CountValuesLikeHashes(CancellationToken cancellationToken)
    {
        if (await FirstDeclared(Log, cancellationToken).ConfigureAwait(false) != DateTimeOffset.MaxValue)
            return null;
        var count = await ClaimHash
            .ReadHashes(Log, request.Scope, cancellationToken)
            .LongCountAsync(cancellationToken)
            .ConfigureAwait(false);
        return count == 0 ? null : count;
    }

    /// <summary>
    /// Replaces plain values in the form of a hash, and declares the scope in the same commit. So no application can
    /// store a hash before, and the values of a declared scope are hashes.
    /// </summary>
    private async Task ReplaceValuesLikeHashes(
        DataKey key, ClaimProtectionNote note, CancellationToken cancellationToken)
    {
        var (own, version) = await ProtectionStartup.Read(Log, cancellationToken).ConfigureAwait(false);
        if (own?.Claims?.Contains(request.Scope) == true)
            throw new KeyStoreException(
                $"Another program protected the scope '{request.Scope}' at the same time. Run the operation again.",
                StorageProblem.Other);
        var declared = ProtectionDeclaration.WithClaims(keyStore, own, request.Scope);
        var plain = await ClaimHash
            .ReadHashes(Log, request.Scope, cancellationToken)
            .ToListAsync(cancellationToken)
            .ConfigureAwait(false);
        var outcome = await store
            .TryCommit(
                new CommitRequest
                {
                    Appends =
                    [
                        .. _log.ReplacedValuesLikeHashes(note),
                        .. store.Encode(ProtectionStartup.RequestOf(declared, version)).Appends,
                    ],
                    Claims = ChangesOf(key, plain),
                    IsAsStored = true,
                },
                isBackground: true,
                cancellationToken)
            .ConfigureAwait(false);
        if (outcome.Refusal is { } refusal)
            throw refusal;
        _replaced += plain.Count;
    }

    /// <summary>Returns whether the scope has values in another form than hashes.</summary>
    private async ValueTask<bool> HasPlain(CancellationToken cancellationToken) =>
        await ClaimHash
            .Read(Log, request.Scope, cancellationToken)
            .AnyAsync(
                static claim => !ClaimHash.IsHash(claim.Value) && !ClaimHash.IsEarlierHash(claim.Value),
                cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// Declares the scope, so that programs that start without its protection cannot claim values. The declaration of a
    /// tenant has only its own scopes, because the values of others can still be plain.
    /// </summary>
    private async Task Declare(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (own, version) = await ProtectionStartup.Read(Log, cancellationToken).ConfigureAwait(false);
            var declared = ProtectionDeclaration.WithClaims(keyStore, own, request.Scope);
            if (own?.IsSameAs(declared) == true)
                return;
            try
            {
                await store.Append(ProtectionStartup.RequestOf(declared, version), cancellationToken)
                    .ConfigureAwait(false);
                return;
            }
            catch (VersionConflictException) when (attempt < MaxAttempts)
            {
                // Another program declared its marks.
            }
        }
    }

    private async Task ReplaceAll(DataKey key, CancellationToken cancellationToken)
    {
        var (read, after) = (0L, (string?)null);
        while (await ReadPage(after, cancellationToken).ConfigureAwait(false) is { Count: > 0 } page)
        {
            StoredClaim[] plain = [.. page.Where(static claim => !ClaimHash.IsHash(claim.Value))];
            if (plain.Length > 0 && !await Replace(key, plain, cancellationToken).ConfigureAwait(false))
            {
                foreach (var claim in plain)
                {
                    if (!await Replace(key, [claim], cancellationToken).ConfigureAwait(false))
                        AddConflict(claim);
                }
            }
            after = page[^1].Value;
            read += page.Count;
            progress?.Report(new MaintenanceProgress(read, read, Step));
        }
    }

    /// <summary>Replaces claims in one commit. Returns false if another owner has one of the hashes.</summary>
    private async Task<bool> Replace(
        DataKey key, StoredClaim[] plain, CancellationToken cancellationToken)
    {
        var outcome = await store
            .TryCommit(
                new CommitRequest { Claims = ChangesOf(key, plain), IsAsStored = true },
                isBackground: true,
                cancellationToken)
            .ConfigureAwait(false);
        if (outcome.Refusal is ClaimTakenException)
            return false;
        if (outcome.Refusal is { } refusal)
            throw refusal;
        _replaced += plain.Length;
        return true;
    }

    private List<Claim> ChangesOf(DataKey key, IReadOnlyList<StoredClaim> plain)
    {
        var changes = new List<Claim>(plain.Count * 2);
        foreach (var claim in plain)
        {
            changes.Add(Claim.Release(request.Scope, claim.Value, claim.Owner));
            var hash = IsEarlierHash(claim.Value)
                ? ClaimHash.OfEarlierHash(claim.Value)
                : ClaimHash.Of(key, request.Scope, claim.Value);
            changes.Add(Claim.Acquire(request.Scope, hash, claim.Owner));
        }
        return changes;
    }

    /// <summary>
    /// Returns whether a value is a hash of an earlier build. In a scope with plain values, a value of one kind of
    /// characters is plain, because less than one hash in ten million is such a value.
    /// </summary>
    private bool IsEarlierHash(string value) =>
        _hasEarlierHashes
        && ClaimHash.IsEarlierHash(value)
        && !(_hasPlain && ClaimHash.HasOneKindOfCharacters(value));

    private void AddConflict(StoredClaim claim)
    {
        _remaining++;
        if (_conflicts.Count < MaxConflicts)
            _conflicts.Add(claim.Owner);
    }

    private async ValueTask<IReadOnlyList<StoredClaim>> ReadPage(string? after, CancellationToken cancellationToken) =>
        await Log.ListClaims(request.Scope, after, BatchClaims, cancellationToken).ConfigureAwait(false)
            ?? throw new KeyStoreException(
                $"The storage cannot list the claims of the scope '{request.Scope}'.", StorageProblem.Other);
}
