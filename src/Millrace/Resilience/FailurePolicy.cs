using Millrace.Storage;

namespace Millrace;

/// <summary>
/// What a consumer does about errors: which of them may pass, and how often and after which pauses they are tried
/// again. Immutable: each method returns a policy with one thing changed.
/// </summary>
/// <remarks>
/// Rules given later come before earlier ones, and all of them before the built-in ones, which are: an unavailable
/// database or broker, an open circuit breaker or memory run out is <see cref="FailureClass.System"/>; an event that
/// cannot be read, a message that no broker takes, and what is not supported, is <see cref="FailureClass.Permanent"/>;
/// any other error of a projection is permanent, because it is a pure function and would fail the same way again; any
/// other error of a handler is <see cref="FailureClass.Transient"/>. A rule also meets an error that is inside of
/// another.
/// </remarks>
public sealed class FailurePolicy
{
    private readonly FailurePolicy? _before;
    private readonly Func<Exception, FailureClass?>? _rule;

    private FailurePolicy(FailurePolicy? before, Func<Exception, FailureClass?>? rule)
    {
        (_before, _rule) = (before, rule);
        if (before is not null)
            (Retries, Delay, MaxDelay, Observer) = (before.Retries, before.Delay, before.MaxDelay, before.Observer);
    }

    /// <summary>The policy without any rule: what is built in, with the retries of
    /// <see cref="ConsumerOptions"/>.</summary>
    public static FailurePolicy Default { get; } = new(null, null);

    internal int? Retries { get; private init; }

    internal TimeSpan? Delay { get; private init; }

    internal TimeSpan? MaxDelay { get; private init; }

    internal Action<FailureOutcome>? Observer { get; private init; }

    /// <summary>Errors of a type may pass: they are tried again.</summary>
    public FailurePolicy Transient<TException>()
        where TException : Exception =>
        Of<TException>(FailureClass.Transient);

    /// <summary>Errors of a type do not pass by themselves: the event is parked at once.</summary>
    public FailurePolicy Permanent<TException>()
        where TException : Exception =>
        Of<TException>(FailureClass.Permanent);

    /// <summary>Errors of a type are no event's fault: the consumer waits until they have passed, and nothing is
    /// parked.</summary>
    public FailurePolicy System<TException>()
        where TException : Exception =>
        Of<TException>(FailureClass.System);

    /// <summary>Classes errors by a rule of the application's own; null leaves an error to the rules before.</summary>
    public FailurePolicy When(Func<Exception, FailureClass?> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new FailurePolicy(this, rule);
    }

    /// <summary>Sets how often a transient error is tried again, and the pauses between.</summary>
    /// <param name="retries">How many times; from 0 to 100.</param>
    /// <param name="delay">The pause before the first, doubled for each further one, a fifth more or less; from 1
    /// millisecond to 1 day.</param>
    /// <param name="maxDelay">The longest pause; null for that of <see cref="ConsumerOptions.MaxRetryDelay"/> or
    /// <paramref name="delay"/>, whichever is longer.</param>
    public FailurePolicy Retry(int retries, TimeSpan delay, TimeSpan? maxDelay = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(retries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(retries, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, TimeSpan.FromDays(1));
        if (maxDelay is { } most)
            ArgumentOutOfRangeException.ThrowIfLessThan(most, delay, nameof(maxDelay));
        return new FailurePolicy(this, null) { Retries = retries, Delay = delay, MaxDelay = maxDelay };
    }

    /// <summary>Has somebody told of every outcome of failures and retries, besides logs and metrics. It must return
    /// soon.</summary>
    public FailurePolicy Notify(Action<FailureOutcome> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return new FailurePolicy(this, null) { Observer = Observer + observer };
    }

    /// <summary>The policy of a consumer: of those that the application gives by name, or else its own.</summary>
    internal static FailurePolicy For(
        string consumer, IReadOnlyDictionary<string, FailurePolicy> policies, FailurePolicy? own) =>
        policies.GetValueOrDefault(consumer)
        ?? policies.GetValueOrDefault(CollectionName.FirstOf(consumer))
        ?? own
        ?? policies.GetValueOrDefault("")
        ?? Default;

    /// <summary>What kind of failure an error is, by the rules and then by what is built in.</summary>
    internal FailureClass ClassOf(Exception exception, bool isPure)
    {
        for (Exception? error = exception; error is not null; error = error.InnerException)
        {
            for (var policy = this; policy is not null; policy = policy._before)
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
