using System.Collections.Concurrent;

namespace Millrace;

/// <summary>The circuit breakers of a node, by name: one before each service outside. Safe to use from several
/// threads.</summary>
/// <remarks>
/// Ask for it as a service, or as a parameter of a handler:
/// <c>await circuits.Get("mail").Execute(cancel => Send(mail, cancel), cancel)</c>.
/// </remarks>
public sealed class CircuitBreakers
{
    private readonly ConcurrentDictionary<string, CircuitBreaker> _breakers = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, Action<CircuitBreakerOptions>> _configured;
    private readonly TimeProvider _time;

    /// <summary>Makes breakers with the default options.</summary>
    /// <param name="time">The clock; null for the system's.</param>
    public CircuitBreakers(TimeProvider? time = null)
        : this(time ?? TimeProvider.System, new Dictionary<string, Action<CircuitBreakerOptions>>())
    {
    }

    internal CircuitBreakers(TimeProvider time, IReadOnlyDictionary<string, Action<CircuitBreakerOptions>> configured)
    {
        (_time, _configured) = (time, configured);
        foreach (var name in configured.Keys)
            Get(name);
    }

    /// <summary>All that were asked for or configured, by name.</summary>
    public IReadOnlyList<CircuitBreaker> All =>
        [.. _breakers.Values.OrderBy(breaker => breaker.Name, StringComparer.Ordinal)];

    /// <summary>The breaker of a name: always the same one.</summary>
    public CircuitBreaker Get(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _breakers.GetOrAdd(name, Create);
    }

    private CircuitBreaker Create(string name)
    {
        var options = new CircuitBreakerOptions();
        if (_configured.TryGetValue(name, out var configure))
            configure(options);
        return new CircuitBreaker(name, options, _time);
    }
}
