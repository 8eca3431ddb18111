using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Defines how a consumer handles errors, for example which errors it retries, how often and with which delays. A
/// policy is immutable, and each method returns a new policy with one change.
/// </summary>
/// <remarks>
/// Later rules take precedence over earlier rules, and all added rules take precedence over the built-in rules. The
/// built-in rules classify an unavailable database or broker, an open circuit breaker and exhausted memory as
/// <see cref="FailureClass.System"/>. They classify an event that cannot be read, a message that the broker refuses,
/// and an unsupported operation as <see cref="FailureClass.Permanent"/>. Any other error of a projection is permanent,
/// because a projection is a pure function and would fail again. Any other error of a handler is
/// <see cref="FailureClass.Transient"/>. A rule also applies to inner exceptions.
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
    /// Gets the policy with only the built-in rules and the retries of <see cref="ConsumerOptions"/>.
    /// </summary>
    public static FailurePolicy Default { get; } = new(null, null);

    internal int? Retries { get; private init; }

    internal TimeSpan? Delay { get; private init; }

    internal TimeSpan? MaxDelay { get; private init; }

    internal Action<FailureOutcome>? Observer { get; private init; }

    /// <summary>Treats errors of a type as transient, so that the consumer retries the event.</summary>
    public FailurePolicy Transient<TException>()
        where TException : Exception =>
        Of<TException>(FailureClass.Transient);

    /// <summary>Treats errors of a type as permanent, so that the consumer parks the event immediately.</summary>
    public FailurePolicy Permanent<TException>()
        where TException : Exception =>
        Of<TException>(FailureClass.Permanent);

    /// <summary>
    /// Treats errors of a type as system failures, which are independent of the event. The consumer waits until it can
    /// continue, and parks no event.
    /// </summary>
    public FailurePolicy System<TException>()
        where TException : Exception =>
        Of<TException>(FailureClass.System);

    /// <summary>
    /// Classifies errors with a custom rule. If the rule returns null, the earlier rules classify the error.
    /// </summary>
    public FailurePolicy When(Func<Exception, FailureClass?> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new FailurePolicy(this, rule);
    }

    /// <summary>Sets how often a transient error is retried, and the delays between attempts.</summary>
    /// <param name="retries">The number of retries; from 0 to 100.</param>
    /// <param name="delay">The delay before the first retry; from 1 millisecond to 1 day. The delay doubles with each
    /// further retry and varies randomly by up to a fifth.</param>
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
    /// Adds an observer that receives every outcome of failures and retries, in addition to logs and metrics. The
    /// observer must return quickly.
    /// </summary>
    public FailurePolicy Notify(Action<FailureOutcome> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return new FailurePolicy(this, null) { Observer = Observer + observer };
    }

    /// <summary>
    /// Returns the policy that the application configures for a consumer's name. If there is none, returns the policy
    /// of the consumer's definition, then the application's policy for all consumers, then the default.
    /// </summary>
    internal static FailurePolicy For(
        string consumer, IReadOnlyDictionary<string, FailurePolicy> policies, FailurePolicy? definedPolicy) =>
        policies.GetValueOrDefault(consumer)
        ?? policies.GetValueOrDefault(CollectionName.FirstOf(consumer))
        ?? definedPolicy
        ?? policies.GetValueOrDefault("")
        ?? Default;

    /// <summary>Classifies an error with the added rules and then with the built-in rules.</summary>
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
        KeyStoreException => FailureClass.System,
        SubjectErasedException or ProtectedValueException => FailureClass.Permanent,
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
