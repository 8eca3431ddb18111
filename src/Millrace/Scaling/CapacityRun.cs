using Microsoft.Extensions.Logging;

namespace Millrace.Scaling;

/// <summary>Checks the load once, decides, and calls the hook. Only the node with the lock runs it.</summary>
/// <remarks>
/// A decision is stored before the hook is called. If the node is killed, the next one calls the hook again for the
/// same change.
/// </remarks>
internal sealed partial class CapacityRun(
    CapacityStore store, CapacityOptions options, ICapacityHook hook, TimeProvider time, ILogger logger)
{
    private const int MaxAttempts = 5;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(30);

    private readonly CapacityController _controller = new(options);

    public async Task Run(
        DateTimeOffset now, IReadOnlyList<MetricSample> samples, CancellationToken cancellationToken)
    {
        var (record, version) = await store.Read(cancellationToken).ConfigureAwait(false);
        var load = CapacityLoad.Of(samples);
        var decision = _controller.Decide(now, load, record); // Also while a change is pending, to follow the load.
        if (record.Pending is { } pending && options.IsDryRun)
        {
            var shown = pending with { State = CapacityState.DryRun, EndedAt = now };
            await store.TryWrite(record.WithNewest(shown), version, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (record.Pending is { } started)
        {
            await Attempt(record, version, started, now, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (decision is null)
        {
            await Declare(record, version, cancellationToken).ConfigureAwait(false);
            return;
        }
        var change = new CapacityChange
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Nodes = decision.Nodes,
            PreviousNodes = decision.PreviousNodes,
            Reason = decision.Reason,
            Explanation = decision.Explanation,
            At = now,
            State = options.IsDryRun ? CapacityState.DryRun : CapacityState.Pending,
            EndedAt = options.IsDryRun ? now : null,
        };
        var decided = WithBounds(record).With(change, load.LagSeconds);
        if (!await store.TryWrite(decided, version, cancellationToken).ConfigureAwait(false))
            return; // An operator has decided meanwhile.
        Log.Decided(logger, change.PreviousNodes, change.Nodes, change.Explanation);
        if (options.IsDryRun)
            return;
        (record, version) = await store.Read(cancellationToken).ConfigureAwait(false);
        if (record.Pending is { } own)
            await Attempt(record, version, own, now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records the bounds, which tools need, and the number of nodes if it is not known.</summary>
    private async Task Declare(CapacityRecord record, long version, CancellationToken cancellationToken)
    {
        var declared = WithBounds(record);
        if (_controller.StableNodes is { } stable && !(stable <= declared.Nodes))
            declared = declared with { Nodes = stable }; // More nodes were started by other means.
        if (declared != record)
            await store.TryWrite(declared, version, cancellationToken).ConfigureAwait(false);
    }

    private CapacityRecord WithBounds(CapacityRecord record) => record with
    {
        MinNodes = options.MinNodes,
        MaxNodes = options.MaxNodes,
        CoolDown = options.CoolDown,
    };

    private async Task Attempt(
        CapacityRecord record,
        long version,
        CapacityChange change,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        // A node that was killed may still have called the hook, which has a time limit.
        var pause = change.Error is null ? options.HookTimeout : RetryPause * change.Attempts;
        if (change.AttemptedAt is { } last && now >= last && now < last + pause)
            return;
        change = change with { Attempts = change.Attempts + 1, AttemptedAt = now, Error = null };
        if (!await store.TryWrite(record.WithNewest(change), version, cancellationToken).ConfigureAwait(false))
            return;
        var startedAt = time.GetTimestamp();
        change = change with { Error = await Call(change, cancellationToken).ConfigureAwait(false) };
        var endedAt = now + time.GetElapsedTime(startedAt);
        if (change.Error is null || change.Attempts >= MaxAttempts)
        {
            var state = change.Error is null ? CapacityState.Done : CapacityState.Failed;
            change = change with { State = state, EndedAt = endedAt };
        }
        (record, version) = await store.Read(cancellationToken).ConfigureAwait(false);
        if (record.Pending?.Id == change.Id)
            await store.TryWrite(record.WithNewest(change), version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Calls the hook. Returns the error; null without an error.</summary>
    private async Task<string?> Call(CapacityChange change, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.HookTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await hook.SetNodes(change, either.Token)
                .WaitAsync(options.HookTimeout, time, cancellationToken)
                .ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw; // The change stays pending. The next node calls the hook again.
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            Log.CallFailed(logger, change.Nodes, exception);
            return $"The hook did not end within {options.HookTimeout}.";
        }
#pragma warning disable CA1031 // The hook is code of the application, or a program. Its error is stored and retried.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CallFailed(logger, change.Nodes, exception);
            return exception.Message;
        }
        finally
        {
            await either.CancelAsync().ConfigureAwait(false); // Ends a program that still runs.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 24051,
            Level = LogLevel.Information,
            Message = "The number of nodes changes from {Before} to {After}. {Explanation}")]
        public static partial void Decided(ILogger logger, int before, int after, string explanation);

        [LoggerMessage(
            EventId = 24052,
            Level = LogLevel.Warning,
            Message = "The hook could not set the number of nodes to {Nodes}.")]
        public static partial void CallFailed(ILogger logger, int nodes, Exception exception);
    }
}
