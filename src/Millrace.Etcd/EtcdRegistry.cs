using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Millrace.Etcd;

/// <summary>
/// The registry in etcd: a key for each instance, <c>PREFIX NAME/ID</c>, under a lease that ends when the instance is not heard of. Who
/// watches is told by etcd at once, and asks again after a break.
/// </summary>
public sealed class EtcdRegistry : IServiceRegistry, IDisposable
{
    private static readonly TimeSpan AfterBreak = TimeSpan.FromSeconds(1);

    private readonly EtcdOptions _options;
    private readonly EtcdGateway _gateway;
    private readonly TimeProvider _time;

    // The leases of the instances that were registered here, and how they were.
    private readonly ConcurrentDictionary<string, (long Lease, ServiceInstance Instance)> _own = new(StringComparer.Ordinal);

    /// <summary>Makes it. It connects when it is first used.</summary>
    /// <exception cref="OptionsValidationException">Options are not what they must be; all of them are named.</exception>
    public EtcdRegistry(EtcdOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options.Copy();
        if (_options.Problems().Select(problem => $"{EtcdSettings.Section}:{problem}").ToList() is { Count: > 0 } problems)
            throw new OptionsValidationException("etcd", typeof(EtcdOptions), problems);
        (_gateway, _time) = (new EtcdGateway(_options, time), time);
    }

    /// <inheritdoc/>
    public string Description => $"etcd {_options.Address}";

    /// <inheritdoc/>
    public async ValueTask Register(ServiceInstance instance, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(instance);
        instance.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(timeToLive, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeToLive, TimeSpan.FromHours(1));
        var seconds = (long)Math.Ceiling(timeToLive.TotalSeconds);
        var granted = await _gateway.Ask("v3/lease/grant", writer => Number(writer, "TTL", seconds), cancellationToken)
            .ConfigureAwait(false);
        var lease = EtcdGateway.Number(granted, "ID");
        await Put(instance, lease, cancellationToken).ConfigureAwait(false);
        var key = KeyOf(instance.Name, instance.Id);
        var before = _own.TryGetValue(key, out var known) ? known.Lease : 0;
        _own[key] = (lease, instance);
        if (before != 0)
            await Revoke(before, cancellationToken).ConfigureAwait(false); // The key is under the new one by now.
    }

    /// <inheritdoc/>
    public async ValueTask<bool> Heartbeat(
        string name, string id, ServiceHealth health, CancellationToken cancellationToken = default)
    {
        var key = KeyOf(name, id);
        if (!_own.TryGetValue(key, out var own))
            return false;
        var kept = await _gateway.Ask("v3/lease/keepalive", writer => Number(writer, "ID", own.Lease), cancellationToken)
            .ConfigureAwait(false);
        if (!kept.TryGetProperty("result", out var result) || EtcdGateway.Number(result, "TTL") <= 0)
        {
            _own.TryRemove(key, out _);
            return false;
        }
        if (own.Instance.Health != health)
        {
            var changed = own.Instance with { Health = health };
            await Put(changed, own.Lease, cancellationToken).ConfigureAwait(false);
            _own[key] = (own.Lease, changed);
        }
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask Deregister(string name, string id, CancellationToken cancellationToken = default)
    {
        var key = KeyOf(name, id);
        await _gateway.Ask("v3/kv/deleterange", writer => writer.WriteString("key", EtcdGateway.Encode(key)), cancellationToken)
            .ConfigureAwait(false);
        if (_own.TryRemove(key, out var own))
            await Revoke(own.Lease, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ServiceInstance>> Find(string name, CancellationToken cancellationToken = default)
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
        string? told = null;
        while (true)
        {
            var changes = Changes(name, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (changes.ConfigureAwait(false))
            {
                while (await Next(changes).ConfigureAwait(false) is { } found)
                {
                    var now = string.Join('\n', found.Select(static one => $"{one.Id} {one.Url} {string.Join(',', one.Tags)}"));
                    if (now == told)
                        continue;
                    told = now;
                    yield return found;
                }
            }
            await Task.Delay(AfterBreak, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gateway.Dispose();

    /// <summary>What is found now, and after each change from then on; until the connection breaks.</summary>
    private async IAsyncEnumerable<IReadOnlyList<ServiceInstance>> Changes(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (_, healthy, revision) = await Range(PrefixOf(name), cancellationToken).ConfigureAwait(false);
        yield return healthy;
        var changes = _gateway.Follow("v3/watch", writer => WriteWatch(writer, PrefixOf(name), revision + 1), cancellationToken);
        await foreach (var change in changes.ConfigureAwait(false))
        {
            if (change.TryGetProperty("result", out var result) && result.TryGetProperty("events", out _))
                yield return (await Range(PrefixOf(name), cancellationToken).ConfigureAwait(false)).Healthy;
            else if (change.TryGetProperty("error", out _))
                yield break;
        }
    }

    /// <summary>The next of changes; null when the connection has broken.</summary>
    private static async Task<IReadOnlyList<ServiceInstance>?> Next(IAsyncEnumerator<IReadOnlyList<ServiceInstance>> changes)
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

    private async Task<(IReadOnlyList<ServiceInstance> All, IReadOnlyList<ServiceInstance> Healthy, long Revision)> Range(
        string prefix, CancellationToken cancellationToken)
    {
        var answer = await _gateway.Ask("v3/kv/range", writer => WriteRange(writer, prefix), cancellationToken).ConfigureAwait(false);
        var found = new List<ServiceInstance>();
        if (answer.TryGetProperty("kvs", out var rows))
        {
            foreach (var row in rows.EnumerateArray())
            {
                if (InstanceValue.TryRead(row.GetProperty("value").GetBytesFromBase64()) is { } instance)
                    found.Add(instance);
            }
        }
        IReadOnlyList<ServiceInstance> healthy = [.. found.Where(static one => one.Health == ServiceHealth.Passing)];
        return (found, healthy, EtcdGateway.Number(answer.GetProperty("header"), "revision"));
    }

    private Task<JsonElement> Put(ServiceInstance instance, long lease, CancellationToken cancellationToken) => _gateway.Ask(
        "v3/kv/put",
        writer =>
        {
            writer.WriteString("key", EtcdGateway.Encode(KeyOf(instance.Name, instance.Id)));
            writer.WriteBase64String("value", InstanceValue.Write(instance with { LastCheck = _time.GetUtcNow() }));
            Number(writer, "lease", lease);
        },
        cancellationToken);

    /// <summary>Ends a lease; one that etcd does not know has ended.</summary>
    private async Task Revoke(long lease, CancellationToken cancellationToken)
    {
        try
        {
            await _gateway.Ask("v3/lease/revoke", writer => Number(writer, "ID", lease), cancellationToken).ConfigureAwait(false);
        }
        catch (EtcdUnavailableException)
        {
            // It ends by itself, and nothing is under it.
        }
    }

    private static void WriteRange(Utf8JsonWriter writer, string prefix)
    {
        writer.WriteString("key", EtcdGateway.Encode(prefix));
        writer.WriteString("range_end", EtcdGateway.EncodeEnd(prefix));
    }

    private static void WriteWatch(Utf8JsonWriter writer, string prefix, long revision)
    {
        writer.WriteStartObject("create_request");
        WriteRange(writer, prefix);
        Number(writer, "start_revision", revision);
        writer.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter writer, string name, long number) =>
        writer.WriteString(name, number.ToString(CultureInfo.InvariantCulture));

    private string PrefixOf(string name) => $"{_options.KeyPrefix}{name}/";

    private string KeyOf(string name, string id) => PrefixOf(name) + id;
}
