using System.Collections.Concurrent;

namespace Millrace;

/// <summary>
/// The circuit breakers of a node, by name. Use one circuit breaker for each external service. Thread-safe.
/// </summary>
/// <remarks>
/// Inject this class as a service or as a parameter of a handler. Then make calls with <c>await
/// circuits.Get("mail").Execute(cancel => Send(mail, cancel), cancel)</c>.
/// </remarks>
public sealed class CircuitBreakers
{
    private readonly ConcurrentDictionary<string, CircuitBreaker> _breakers = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, Action<CircuitBreakerOptions>> _configured;
    private readonly TimeProvider _time;

    /// <summary>Creates a registry whose circuit breakers have the default options.</summary>
    /// <param name="time">The clock; null for the system clock.</param>
    public CircuitBreakers(TimeProvider? time = null)
        : this(time ?? TimeProvider.System, new Dictionary<string, Action<CircuitBreakerOptions>>())
    {
    }

    internal CircuitBreakers(TimeProvider time, IReadOnlyDictionary<string, Action<CircuitBreakerOptions>> configured)
    {
        _time = time;
        _configured = configured;
        foreach (var name in configured.Keys)
            Get(name);
    }

    /// <summary>Gets all circuit breakers that were requested or configured, ordered by name.</summary>
    public IReadOnlyList<CircuitBreaker> All =>
        [.. _breakers.Values.OrderBy(breaker => breaker.Name, StringComparer.Ordinal)];

    /// <summary>Gets the circuit breaker with a name. Each call with the same name returns the same instance.</summary>
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
