using System.Collections.Concurrent;

namespace Millrace;

/// <summary>
/// Chooses among the healthy instances of services: the one that has the least in hand from here, and where several
/// have, one of those at random. Safe to use from several threads.
/// </summary>
/// <remarks>
/// What an instance has in hand from here are the picks of it, by this picker, that are not disposed yet: what other
/// nodes ask of it is not known here. What a registry said last is used again for <see cref="CacheDuration"/>, and for
/// as long as it is away.
/// </remarks>
public sealed class ServicePicker
{
    /// <summary>How long what the registry said is used again.</summary>
    public static readonly TimeSpan CacheDuration = TimeSpan.FromSeconds(1);

    private readonly IServiceRegistry _registry;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, (IReadOnlyList<ServiceInstance> Found, long At)> _cached = new(
        StringComparer.Ordinal);

    private readonly Lock _lock = new(); // Guards the two below.
    private readonly Dictionary<(string Name, string Id), int> _inProgress = [];
    private readonly Random _random;

    /// <summary>Makes one.</summary>
    /// <param name="registry">Who knows the instances.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public ServicePicker(IServiceRegistry registry, TimeProvider? time = null)
        : this(registry, time, Random.Shared)
    {
    }

    internal ServicePicker(IServiceRegistry registry, TimeProvider? time, Random random)
    {
        ArgumentNullException.ThrowIfNull(registry);
        (_registry, _time, _random) = (registry, time ?? TimeProvider.System, random);
    }

    /// <summary>Picks an instance. Disposing the pick says that what it was picked for is done.</summary>
    /// <exception cref="ServiceNotFoundException">No instance is healthy.</exception>
    /// <exception cref="MillraceException">The registry is away, and has said nothing of the service yet.</exception>
    public async ValueTask<ServicePick> Pick(string name, CancellationToken cancellationToken = default)
    {
        var found = await Find(name, cancellationToken).ConfigureAwait(false);
        if (found.Count == 0)
            throw new ServiceNotFoundException(name);
        lock (_lock)
        {
            var (best, least, equals) = (found[0], int.MaxValue, 0);
            for (var i = 0; i < found.Count; i++)
            {
                var one = found[i];
                var inHand = _inProgress.GetValueOrDefault((one.Name, one.Id));
                equals = inHand < least ? 1 : inHand == least ? equals + 1 : equals;
                // The n-th of n equals takes the place of the one before it with the chance 1/n: so each has the same
                // in the end.
                if (inHand < least || (inHand == least && _random.Next(equals) == 0))
                    (best, least) = (one, inHand);
            }
            _inProgress[(best.Name, best.Id)] = least + 1;
            return new ServicePick(this, best);
        }
    }

    internal void Done(ServiceInstance instance)
    {
        lock (_lock)
        {
            var key = (instance.Name, instance.Id);
            if (_inProgress.GetValueOrDefault(key) is > 1 and var inHand)
                _inProgress[key] = inHand - 1;
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
