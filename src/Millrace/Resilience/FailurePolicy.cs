using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Defines how a consumer handles errors: which errors are retried, how often and with which delays. Immutable: each
/// method returns a policy with one change.
/// </summary>
/// <remarks>
/// Rules that are added later take precedence over earlier ones, and all of them over the built-in rules. Those are: an
/// unavailable database or broker, an open circuit breaker and exhausted memory are <see cref="FailureClass.System"/>.
/// An event that cannot be read, a message that the broker refuses, and an unsupported operation are
/// <see cref="FailureClass.Permanent"/>. Any other error of a projection is permanent, because a projection is a pure
/// function and would fail again. Any other error of a handler is <see cref="FailureClass.Transient"/>. A rule also
/// applies to inner exceptions.
/// </remarks>
public sealed class FailurePolicy
{
    private readonly FailurePolicy? _previous;
    private readonly Func<Exception, FailureClass?>? _rule;

    private FailurePolicy(FailurePolicy? previous, Func<Exception, FailureClass?>? rule)
    {
        _previous = previous;
        _rule = rule;
        if (previous is null)
        {
            return;
        }

        Retries = previous.Retries;
        Delay = previous.Delay;
        MaxDelay = previous.MaxDelay;
        Observer = previous.Observer;
    }

    /// <summary>
    /// Gets the policy without added rules: the built-in rules, with the retries of <see cref="ConsumerOptions"/>.
    /// </summary>
    public static FailurePolicy Default { get; } = new(null, null);

    internal int? Retries { get; private init; }

    internal TimeSpan? Delay { get; private init; }

    internal TimeSpan? MaxDelay { get; private init; }

    internal Action<FailureOutcome>? Observer { get; private init; }

    /// <summary>Treats errors of a type as transient: they are retried.</summary>
    public FailurePolicy Transient<TException>()
        where TException : Exception =>
        Of<TException>(FailureClass.Transient);

    /// <summary>Treats errors of a type as permanent: the event is parked at once.</summary>
    public FailurePolicy Permanent<TException>()
        where TException : Exception =>
        Of<TException>(FailureClass.Permanent);

    /// <summary>
    /// Treats errors of a type as system failures that no event causes: the consumer waits until they have passed, and
    /// parks nothing.
    /// </summary>
    public FailurePolicy System<TException>()
        where TException : Exception =>
        Of<TException>(FailureClass.System);

    /// <summary>Classifies errors with a custom rule; null leaves an error to the earlier rules.</summary>
    public FailurePolicy When(Func<Exception, FailureClass?> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new FailurePolicy(this, rule);
    }

    /// <summary>Sets how often a transient error is retried, and the delays between attempts.</summary>
    /// <param name="retries">The number of retries; from 0 to 100.</param>
    /// <param name="delay">The delay before the first retry, doubled for each further one and varied by up to a fifth;
    /// from 1 millisecond to 1 day.</param>
    /// <param name="maxDelay">The maximum delay; null for the longer of <see cref="ConsumerOptions.MaxRetryDelay"/> and
    /// <paramref name="delay"/>.</param>
    public FailurePolicy Retry(int retries, TimeSpan delay, TimeSpan? maxDelay = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(retries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(retries, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, TimeSpan.FromDays(1));
        if (maxDelay is { } maximum)
            ArgumentOutOfRangeException.ThrowIfLessThan(maximum, delay, nameof(maxDelay));
        return new FailurePolicy(this, null) { Retries = retries, Delay = delay, MaxDelay = maxDelay };
    }

    /// <summary>
    /// Adds an observer for every outcome of failures and retries, in addition to logs and metrics. It must return
    /// quickly.
    /// </summary>
    public FailurePolicy Notify(Action<FailureOutcome> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return new FailurePolicy(this, null) { Observer = Observer + observer };
    }

    /// <summary>
    /// Returns the policy of a consumer: the one that the application configures by name, otherwise the consumer's own.
    /// </summary>
    internal static FailurePolicy For(
        string consumer, IReadOnlyDictionary<string, FailurePolicy> policies, FailurePolicy? own) =>
        policies.GetValueOrDefault(consumer)
        ?? policies.GetValueOrDefault(CollectionName.FirstOf(consumer))
        ?? own
        ?? policies.GetValueOrDefault("")
        ?? Default;

    /// <summary>Classifies an error, by the added rules and then by the built-in ones.</summary>
    internal FailureClass ClassOf(Exception exception, bool isPure)
    {
        for (Exception? error = exception; error is not null; error = error.InnerException)
        {
            for (var policy = this; policy is not null; policy = policy._previous)
            {
                if (policy._rule?.Invoke(error) is { } ruled)
                    return ruled;
            }
        }
        for (Exception? error = exception; error is not null; error = error.InnerException)
        {
            if (BuiltIn(error) is { } known)
                return known;
        }
        return isPure ? FailureClass.Permanent : FailureClass.Transient;
    }

    private static FailureClass? BuiltIn(Exception error) => error switch
    {
        StorageException { Problem: StorageProblem.Statement } => FailureClass.Permanent,
        StorageException { Problem: StorageProblem.Other } => FailureClass.Transient,
        StorageException or LeaseLostException or StoreBusyException or OutOfMemoryException => FailureClass.System,
        CircuitOpenException or Polly.CircuitBreaker.BrokenCircuitException => FailureClass.System,
        TransportUnavailableException or TransportRefusedException => FailureClass.System,
        MessageRefusedException => FailureClass.Permanent,
        CannotDeserializeException or NotSupportedException or NotImplementedException => FailureClass.Permanent,
        _ => null,
    };

    private FailurePolicy Of<TException>(FailureClass failureClass)
        where TException : Exception =>
        new(this, error => error is TException ? failureClass : null);
}
