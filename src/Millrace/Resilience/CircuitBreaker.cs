using Polly;
using Polly.CircuitBreaker;

namespace Millrace;

/// <summary>
/// Protects calls to an external service. When too many calls fail, the circuit breaker refuses further calls
/// immediately until a probe call succeeds. Thread-safe.
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
        var countsAsFailure = options.Counts ?? (static _ => true);
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
                        IsServiceFailure(countsAsFailure, arguments.Outcome.Exception, arguments.Context)),
                }
            )
            .Build();
    }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets the state.</summary>
    public CircuitState State => _state.CircuitState switch
    {
        Polly.CircuitBreaker.CircuitState.Closed => CircuitState.Closed,
        Polly.CircuitBreaker.CircuitState.HalfOpen => CircuitState.HalfOpen,
        _ => CircuitState.Open,
    };

    /// <summary>Gets the message of the last failed call; null if the circuit is closed.</summary>
    public string? LastError => State == CircuitState.Closed ? null : _lastError?.Message;

    /// <summary>Makes a call, unless the circuit is open.</summary>
    /// <exception cref="CircuitOpenException">The circuit is open, or another call is currently the probe.</exception>
    public async ValueTask<T> Execute<T>(
        Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            return await _pipeline.ExecuteAsync(
                static (context, state) =>
                {
                    state.breaker.MarkProbe(context);
                    return state.call(context.CancellationToken);
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

    private void MarkProbe(ResilienceContext context)
    {
        if (_state.CircuitState == Polly.CircuitBreaker.CircuitState.HalfOpen)
            context.Properties.Set(IsProbe, true); // In this state, only the probe call is made.
    }

    private bool IsServiceFailure(
        Func<Exception, bool> countsAsFailure, Exception? exception, ResilienceContext context)
    {
        // A call that its caller cancelled is not a failure of the service. But a cancelled probe is not a success
        // either, so it must not close the circuit.
        if (exception is OperationCanceledException && context.CancellationToken.IsCancellationRequested)
            return context.Properties.TryGetValue(IsProbe, out _);
        if (exception is null || !countsAsFailure(exception))
            return false;
        _lastError = exception;
        return true;
    }
}
