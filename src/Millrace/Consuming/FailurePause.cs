using Millrace.Consuming.Retries;

namespace Millrace.Consuming;

/// <summary>
/// Pauses a consumer after a failure, until a circuit breaker allows a call or for the retry delay. Reports and logs
/// when the consumer stalls and when it recovers.
/// </summary>
internal sealed class FailurePause(
    Consumer consumer,
    ConsumerServices services,
    FailureBisector bisector,
    BlockedKeys blockedKeys,
    FailureReporter reporter)
{
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(20);

    private readonly ConsumerOptions _options = services.Options;
    private readonly TimeProvider _time = services.Time;
    private bool _isCircuitOpen;

    /// <summary>Waits until the failed batch should be tried again.</summary>
    /// <param name="cause">The failure.</param>
    /// <param name="culprit">The event that failed; null if it is not known.</param>
    /// <param name="interrupt">Ends the wait early, for a pause or a reset.</param>
    /// <param name="stopping">Ends the wait when the node stops.</param>
    public async Task Wait(
        Exception cause, RecordedEvent? culprit, CancellationToken interrupt, CancellationToken stopping)
    {
        if (CircuitOpenException.FindIn(cause) is { } open)
        {
            await WaitForCircuit(open, culprit, interrupt, stopping).ConfigureAwait(false);
            return;
        }
        var failures = bisector.Failed();
        var isFull = cause is KeyBacklogFullException;
        var problem = ConsumerProblem.Of(cause, culprit, failures, _time.GetUtcNow(), consumer.Processor);
        var delay = services.Retries.DelayAfter(failures);
        var isStalled = isFull || failures > _options.Retries;
        services.Metrics.Failed(consumer.Name, cause);
        consumer.Progress.Set(isStalled ? ConsumerState.Stalled : ConsumerState.CatchingUp, problem);
        if (failures == (isFull ? 1 : _options.Retries + 1))
        {
            ConsumerLog.Stalled(services.Logger, consumer.Name, services.Node, failures, problem.ToString(), cause);
            reporter.Stalled(problem.ToString());
        }
        else if (!isStalled)
        {
            ConsumerLog.Failed(
                services.Logger, consumer.Name, failures, delay.TotalMilliseconds, problem.ToString(), cause);
        }
        // A full backlog has room again once one of its dead letters is retried.
        if (isFull)
            delay = ConsumerProgress.Shorter(delay, blockedKeys.NextDue(), _time.GetUtcNow());
        await consumer.Wait(delay, interrupt, stopping).ConfigureAwait(false);
    }

    /// <summary>
    /// Reports that the consumer continues, if all events up to a position have succeeded after a failure.
    /// </summary>
    public void ReportIfRecovered(long position)
    {
        var hasPassed = bisector.Passed(position);
        if (!hasPassed && (!_isCircuitOpen || bisector.IsSearching))
            return;
        _isCircuitOpen = false;
        reporter.Recovered(position);
    }

    /// <summary>Waits until the circuit breaker of an external service allows a call. This is
    /// not a failed attempt.</summary>
    private async Task WaitForCircuit(
        CircuitOpenException open, RecordedEvent? culprit, CancellationToken interrupt, CancellationToken stopping)
    {
        var problem = ConsumerProblem.Of(open, culprit, 0, _time.GetUtcNow(), consumer.Processor);
        consumer.Progress.Set(ConsumerState.CircuitOpen, problem);
        if (!_isCircuitOpen)
        {
            ConsumerLog.CircuitOpen(services.Logger, consumer.Name, open.Circuit, open.RetryAfter.TotalMilliseconds);
            reporter.CircuitOpen(open.Circuit);
        }
        _isCircuitOpen = true;
        var wait = open.RetryAfter > MinWait ? open.RetryAfter : MinWait;
        await consumer
            .Wait(wait < _options.MaxRetryDelay ? wait : _options.MaxRetryDelay, interrupt, stopping)
            .ConfigureAwait(false);
    }
}
