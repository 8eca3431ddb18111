using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Etcdserverpb;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Millrace.Etcd;

/// <summary>
/// The registry in etcd: a key for each instance, <c>PREFIX NAME/ID</c>, under a lease that expires without heartbeats.
/// etcd notifies watchers immediately. After a broken connection, the watchers read all instances again.
/// </summary>
public sealed class EtcdRegistry : IServiceRegistry, IDisposable
{
    private static readonly TimeSpan ReopenDelay = TimeSpan.FromSeconds(1);

    private readonly EtcdOptions _options;
    private readonly EtcdConnection _connection;
    private readonly TimeProvider _time;

    // The leases of the instances that were registered here, and their last state.
    private readonly ConcurrentDictionary<string, (long Lease, ServiceInstance Instance)> _registered = new(
        StringComparer.Ordinal);

    /// <summary>Creates the registry. It connects when it is first used.</summary>
    /// <exception cref="OptionsValidationException">Options are not valid; the message lists all of them.</exception>
    public EtcdRegistry(EtcdOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options.Copy();
        var problems = _options.Problems().ToList();
        var tls = EtcdCertificates.Read(_options, problems);
        if (problems.Count > 0)
        {
            throw new OptionsValidationException(
                "etcd", typeof(EtcdOptions), problems.Select(static problem => $"{EtcdSettings.Section}:{problem}"));
        }
        _connection = new EtcdConnection(_options, tls, time);
        _time = time;
    }

    /// <inheritdoc/>
    public string Description => $"etcd {_options.Address}";

    /// <inheritdoc/>
    public async ValueTask Register(
        ServiceInstance instance, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(instance);
        instance.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(timeToLive, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeToLive, TimeSpan.FromHours(1));
        var seconds = (long)Math.Ceiling(timeToLive.TotalSeconds);
        // If the answer is lost, the granted lease has no key and expires.
        var granted = await _connection
            .Call(
                "LeaseGrant",
                (etcd, cancel) =>
                    etcd.LeaseGrantAsync(new LeaseGrantRequest { TTL = seconds }, cancellationToken: cancel),
                cancellationToken)
            .ConfigureAwait(false);
        var lease = granted.ID;
        await Put(instance, lease, cancellationToken).ConfigureAwait(false);
        var key = KeyOf(instance.Name, instance.Id);
        var previousLease = _registered.TryGetValue(key, out var known) ? known.Lease : 0;
        _registered[key] = (lease, instance);
        if (previousLease != 0)
            await Revoke(previousLease, cancellationToken).ConfigureAwait(false); // The key now has the new lease.
    }

    /// <inheritdoc/>
    public async ValueTask<bool> Heartbeat(
        string name, string id, ServiceHealth health, CancellationToken cancellationToken = default)
    {
        var key = KeyOf(name, id);
        if (!_registered.TryGetValue(key, out var registered))
            return false;
        if (await KeepAlive(registered.Lease, cancellationToken).ConfigureAwait(false) <= 0)
        {
            _registered.TryRemove(key, out _);
            return false;
        }
        if (registered.Instance.Health != health)
        {
            var changed = registered.Instance with { Health = health };
            await Put(changed, registered.Lease, cancellationToken).ConfigureAwait(false);
            _registered[key] = (registered.Lease, changed);
        }
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask Deregister(string name, string id, CancellationToken cancellationToken = default)
    {
        var key = KeyOf(name, id);
        await _connection
            .Call(
                "DeleteRange",
                (etcd, cancel) =>
                    etcd.DeleteAsync(
                        new DeleteRangeRequest { Key = ByteString.CopyFromUtf8(key) }, cancellationToken: cancel),
                cancellationToken)
            .ConfigureAwait(false);
        if (_registered.TryRemove(key, out var registered))
            await Revoke(registered.Lease, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ServiceInstance>> Find(
        string name, CancellationToken cancellationToken = default)
    {
        ServiceInstance.CheckName(name);
        return (await Range(PrefixOf(name), cancellationToken).ConfigureAwait(false)).Healthy;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ServiceInstance>> List(CancellationToken cancellationToken = default) =>
        (await Range(_options.KeyPrefix, cancellationToken).ConfigureAwait(false)).All;

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<ServiceInstance>> Watch(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ServiceInstance.CheckName(name);
        string? lastReported = null;
        while (true)
        {
            var changes = Changes(name, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (changes.ConfigureAwait(false))
            {
                while (await Next(changes).ConfigureAwait(false) is { } found)
                {
                    var current = string.Join(
                        '\n', found.Select(static one => $"{one.Id} {one.Url} {string.Join(',', one.Tags)}"));
                    if (current == lastReported)
                        continue;
                    lastReported = current;
                    yield return found;
                }
            }
            await Task.Delay(ReopenDelay, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    /// <summary>Returns the current instances, and again after each change, until the connection breaks.</summary>
    private async IAsyncEnumerable<IReadOnlyList<ServiceInstance>> Changes(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (_, healthy, revision) = await Range(PrefixOf(name), cancellationToken).ConfigureAwait(false);
        yield return healthy;
        using var watch = new EtcdWatch(
            _connection, PrefixOf(name), revision + 1, _options.AnswerTimeout, _time, cancellationToken);
        while (await watch.WaitForChange().ConfigureAwait(false))
            yield return (await Range(PrefixOf(name), cancellationToken).ConfigureAwait(false)).Healthy;
    }

    /// <summary>Returns the instances after the next change; null if the connection has broken.</summary>
    private static async Task<IReadOnlyList<ServiceInstance>?> Next(
        IAsyncEnumerator<IReadOnlyList<ServiceInstance>> changes)
    {
        try
        {
            return await changes.MoveNextAsync().ConfigureAwait(false) ? changes.Current : null;
        }
        catch (EtcdUnavailableException)
        {
            return null;
        }
    }

    private async Task<(
        IReadOnlyList<ServiceInstance> All,
        IReadOnlyList<ServiceInstance> Healthy,
        long Revision)> Range(string prefix, CancellationToken cancellationToken)
    {
        var request = new RangeRequest
        {
            Key = ByteString.CopyFromUtf8(prefix),
            RangeEnd = EtcdWatch.FirstKeyAfter(prefix),
        };
        var answer = await _connection
            .Call("Range", (etcd, cancel) => etcd.GetAsync(request, cancellationToken: cancel), cancellationToken)
            .ConfigureAwait(false);
        List<ServiceInstance> found =
        [
            .. answer.Kvs.Select(static row => InstanceSerializer.TryRead(row.Value.Memory)).OfType<ServiceInstance>(),
        ];
        IReadOnlyList<ServiceInstance> healthy = [.. found.Where(static one => one.Health == ServiceHealth.Passing)];
        return (found, healthy, answer.Header.Revision);
    }

    /// <summary>Renews a lease and returns its remaining seconds; 0 if it has expired.</summary>
    private async Task<long> KeepAlive(long lease, CancellationToken cancellationToken)
    {
        var request = new LeaseKeepAliveRequest { ID = lease };
        return await _connection.Call(
            "LeaseKeepAlive",
            async (etcd, cancel) =>
            {
                long? seconds = null;
                await etcd.LeaseKeepAlive(request, answer => seconds = answer.TTL, cancel).ConfigureAwait(false);
                return seconds ?? throw new IOException("The stream ended without an answer.");
            },
            cancellationToken).ConfigureAwait(false);
    }

    private Task<PutResponse> Put(ServiceInstance instance, long lease, CancellationToken cancellationToken)
    {
        var request = new PutRequest
        {
            Key = ByteString.CopyFromUtf8(KeyOf(instance.Name, instance.Id)),
            Value = ByteString.CopyFrom(InstanceSerializer.Write(instance with { LastCheck = _time.GetUtcNow() })),
            Lease = lease,
        };
        return _connection.Call(
            "Put", (etcd, cancel) => etcd.PutAsync(request, cancellationToken: cancel), cancellationToken);
    }

    /// <summary>Revokes a lease, if etcd still knows it. Errors are ignored.</summary>
    private async Task Revoke(long lease, CancellationToken cancellationToken)
    {
        try
        {
            await _connection
                .Call(
                    "LeaseRevoke",
                    (etcd, cancel) =>
                        etcd.LeaseRevokeAsync(new LeaseRevokeRequest { ID = lease }, cancellationToken: cancel),
                    cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is EtcdUnavailableException or EtcdAccessException)
        {
            // The lease has no keys, and expires later or has already expired.
        }
    }

    private string PrefixOf(string name) => $"{_options.KeyPrefix}{name}/";

    private string KeyOf(string name, string id) => PrefixOf(name) + id;
}
