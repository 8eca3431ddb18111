using System.Collections.Concurrent;

namespace Millrace;

/// <summary>
/// Picks a healthy instance of a service. The picker chooses the instance with the fewest open requests, at random if
/// several instances have the same number. Thread-safe.
/// </summary>
/// <remarks>
/// The open requests of an instance are the picks of this picker that are not disposed yet. The picker does not know
/// the requests of other nodes. The picker reuses the registry's last result for <see cref="CacheDuration"/>, and while
/// the registry is unavailable.
/// </remarks>
public sealed class ServicePicker
{
    /// <summary>The time for which the picker reuses the registry's last result.</summary>
    public static readonly TimeSpan CacheDuration = TimeSpan.FromSeconds(1);

    private readonly IServiceRegistry _registry;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, (IReadOnlyList<ServiceInstance> Found, long At)> _cached = new(
        StringComparer.Ordinal);

    private readonly Lock _lock = new(); // Guards the two fields below.
    private readonly Dictionary<(string Name, string Id), int> _inProgress = [];
    private readonly Random _random;

    /// <summary>Creates a picker.</summary>
    /// <param name="registry">The registry of the instances.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    public ServicePicker(IServiceRegistry registry, TimeProvider? time = null)
        : this(registry, time, Random.Shared)
    {
    }

    internal ServicePicker(IServiceRegistry registry, TimeProvider? time, Random random)
    {
        ArgumentNullException.ThrowIfNull(registry);
        _registry = registry;
        _time = time ?? TimeProvider.System;
        _random = random;
    }

    /// <summary>Picks an instance. Dispose the result when the request has completed.</summary>
    /// <exception cref="ServiceNotFoundException">No instance is healthy.</exception>
    /// <exception cref="MillraceException">The registry is unavailable, and no earlier result is known.</exception>
    public async ValueTask<ServicePick> Pick(string name, CancellationToken cancellationToken = default)
    {
        var found = await Find(name, cancellationToken).ConfigureAwait(false);
        if (found.Count == 0)
            throw new ServiceNotFoundException(name);
        lock (_lock)
        {
            var (best, fewest, equals) = (found[0], int.MaxValue, 0);
            for (var i = 0; i < found.Count; i++)
            {
                var candidate = found[i];
                var open = _inProgress.GetValueOrDefault((candidate.Name, candidate.Id));
                equals = open < fewest ? 1 : open == fewest ? equals + 1 : equals;
                // The n-th of n equal instances replaces the picked instance with the probability 1/n, so all have the
                // same probability.
                if (open < fewest || (open == fewest && _random.Next(equals) == 0))
                    (best, fewest) = (candidate, open);
            }
            _inProgress[(best.Name, best.Id)] = fewest + 1;
            return new ServicePick(this, best);
        }
    }

    internal void Done(ServiceInstance instance)
    {
        lock (_lock)
        {
            var key = (instance.Name, instance.Id);
            if (_inProgress.GetValueOrDefault(key) is > 1 and var open)
                _inProgress[key] = open - 1;
            else
                _inProgress.Remove(key);
        }
    }

    private async ValueTask<IReadOnlyList<ServiceInstance>> Find(string name, CancellationToken cancellationToken)
    {
        var isKnown = _cached.TryGetValue(name, out var known);
        if (isKnown && known.Found.Count > 0 && _time.GetElapsedTime(known.At) < CacheDuration)
            return known.Found;
        try
        {
            var found = await _registry.Find(name, cancellationToken).ConfigureAwait(false);
            _cached[name] = (found, _time.GetTimestamp());
            return found;
        }
        catch (MillraceException exception) when (exception.IsTransient && isKnown)
        {
            return known.Found;
        }
    }
}
