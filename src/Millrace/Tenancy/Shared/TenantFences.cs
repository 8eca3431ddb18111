using System.Globalization;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// The fences of tenants in a shared log. Each commit of a tenant of several shards has a guard on the stream of its
/// fence, so that the transaction of the commit checks whether the tenant is being moved.
/// </summary>
internal static class TenantFences
{
    /// <summary>The version of a fence with a single event.</summary>
    public const long FirstVersion = 1;

    private const int MaxAttempts = 10;

    /// <summary>Returns the stream of the fence of a tenant.</summary>
    public static StreamId StreamOf(TenantId tenant, int generation)
    {
        var prefix = TenantNames.PrefixOf(tenant, generation).TrimEnd(TenantNames.Separator);
        return new StreamId(ReservedStreams.TenantFencePrefix + prefix);
    }

    /// <summary>Returns the tenant of the stream of a fence; null for other streams.</summary>
    public static TenantId? TenantOf(StreamId stream) =>
        stream.Value.StartsWith(ReservedStreams.TenantFencePrefix, StringComparison.Ordinal)
        && TenantId.TryParse(
            TenantNames.TenantOf(stream.Value[ReservedStreams.TenantFencePrefix.Length..]), out var tenant)
            ? tenant
            : null;

    /// <summary>Reads the state of a fence.</summary>
    public static async ValueTask<TenantFenceState> Read(
        IStorage shared, StreamId stream, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(stream, long.MaxValue, IsBackwards: true, Limit: 1);
        var page = await shared.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        return page.Events is [var last, ..] ? new TenantFenceState(last.Type, last.Version) : default;
    }

    /// <summary>
    /// Changes the state of a fence, unless it already has it. When the method returns, the change applies to all
    /// commits of all nodes.
    /// </summary>
    /// <param name="store">The store that tenants share.</param>
    /// <param name="stream">The stream of the fence.</param>
    /// <param name="kind">The stored name of the event.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask Set(
        EventStore store, StreamId stream, string kind, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var state = await Read(store.Storage, stream, cancellationToken).ConfigureAwait(false);
            if (state.Kind == kind)
            {
                await RemoveEarlier(store, stream, state.Version, kind, cancellationToken).ConfigureAwait(false);
                return;
            }
            if (await TryAppend(store, stream, kind, state.Version, cancellationToken).ConfigureAwait(false)
                is not null)
                return;
            if (attempt == MaxAttempts)
                throw new StorageException(
                    $"The fence {stream} could not be changed, because other nodes changed it. Try again.",
                    StorageProblem.Busy);
        }
    }

    /// <summary>
    /// Changes a fence that has a version. Returns its new version; null if it has another version. When the method
    /// returns, the change applies to all commits of all nodes.
    /// </summary>
    /// <param name="store">The store that tenants share.</param>
    /// <param name="stream">The stream of the fence.</param>
    /// <param name="kind">The stored name of the event.</param>
    /// <param name="fromVersion">The version of the fence that was read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<long?> TryAppend(
        EventStore store, StreamId stream, string kind, long fromVersion, CancellationToken cancellationToken)
    {
        var request = new AppendRequest().ToReserved(
            stream, ExpectedVersion.AsRead(fromVersion), NewEvent.FromBytes(kind, "{}"u8.ToArray()));
        var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is VersionConflictException)
            return null;
        if (outcome.Refusal is not null)
            throw outcome.Refusal;
        var version = outcome.Placements[0].LastVersion;
        await RemoveEarlier(store, stream, version, kind, cancellationToken).ConfigureAwait(false);
        return version;
    }

    /// <summary>
    /// Removes the earlier events of a fence. Storages that assume the versions of streams forget them at a removal.
    /// </summary>
    private static async ValueTask RemoveEarlier(
        EventStore store, StreamId stream, long version, string kind, CancellationToken cancellationToken)
    {
        if (version < 2)
            return;
        var reason = string.Create(CultureInfo.InvariantCulture, $"the fence has changed to {kind}");
        var removal = new StreamRemoval(
            stream, RemovalKind.Truncate, version, ExpectedVersion.Any, reason, By: null);
        await store.Commit(new CommitRequest { Removals = [removal] }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
    }
}
