using Polly;
using Polly.CircuitBreaker;

namespace Millrace;

/// <summary>
/// Stands before the calls to a service outside: when too many fail, further ones are refused at once, until one that
/// is let through succeeds. Safe to use from several threads.
/// </summary>
public sealed class CircuitBreaker
{
    private static readonly ResiliencePropertyKey<bool> IsProbe = new("millrace.probe");

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline _pipeline;
    private volatile Exception? _lastError;

    internal CircuitBreaker(string name, CircuitBreakerOptions options, TimeProvider time)
    {
        options.Check(name);
        Name = name;
        var counts = options.Counts ?? (static _ => true);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(
                new CircuitBreakerStrategyOptions
                {
                    FailureRatio = options.FailureShare,
                    MinimumThroughput = options.MinimumCalls,
                    SamplingDuration = options.Within,
                    BreakDuration = options.OpenFor,
                    StateProvider = _state,
                    ShouldHandle = arguments => new ValueTask<bool>(
                        Counts(counts, arguments.Outcome.Exception, arguments.Context)),
                }
            )
            .Build();
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>How it stands.</summary>
    public CircuitState State => _state.CircuitState switch
    {
        Polly.CircuitBreaker.CircuitState.Closed => CircuitState.Closed,
        Polly.CircuitBreaker.CircuitState.HalfOpen => CircuitState.HalfOpen,
        _ => CircuitState.Open,
    };

    /// <summary>What the last failed call said; null when none has failed since it closed.</summary>
    public string? LastError => State == CircuitState.Closed ? null : _lastError?.Message;

    /// <summary>Makes a call, unless the breaker is open.</summary>
    /// <exception cref="CircuitOpenException">It is open, or another call probes.</exception>
    public async ValueTask<T> Execute<T>(
        Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            return await _pipeline.ExecuteAsync(
                static (context, ask) =>
                {
                    ask.breaker.NoteProbe(context);
                    return ask.call(context.CancellationToken);
                },
                context,
                (breaker: this, call)).ConfigureAwait(false);
        }
        catch (BrokenCircuitException exception)
        {
            throw new CircuitOpenException(Name, exception.RetryAfter ?? TimeSpan.Zero, exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <inheritdoc cref="Execute{T}"/>
    public async ValueTask Execute(
        Func<CancellationToken, ValueTask> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        await Execute(
            async cancel =>
            {
                await call(cancel).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private void NoteProbe(ResilienceContext context)
    {
        if (_state.CircuitState == Polly.CircuitBreaker.CircuitState.HalfOpen)
            context.Properties.Set(IsProbe, true); // The only call that is let through then.
    }

    private bool Counts(Func<Exception, bool> counts, Exception? exception, ResilienceContext context)
    {
        // The caller gave up, which says nothing about the service. As the probe it must not close the circuit, as a
        // success does.
        if (exception is OperationCanceledException && context.CancellationToken.IsCancellationRequested)
            return context.Properties.TryGetValue(IsProbe, out _);
        if (exception is null || !counts(exception))
            return false;
        _lastError = exception;
        return true;
    }
}
