using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Takes, renews and gives back the leases of a node's consumers, tells them of pauses and resets made anywhere, and reports how they
/// fare. One loop per node.
/// </summary>
internal sealed class LeaseKeeper(
    EventStore store, Func<IReadOnlyList<Consumer>> consumers, string node, ConsumerOptions options, ILogger logger)
    : IDisposable
{
    private readonly TimeProvider _time = store.Time;
    private readonly SemaphoreSlim _look = new(0);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<Consumer, (string State, string? Error)> _reported = [];
    private volatile bool _isStopping;

    public async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Look(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The top of the keeper's loop: while the storage fails, leases run out and are tried again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                ConsumerLog.CannotLook(logger, exception);
                LoseExpired();
            }
            await Wait(cancellationToken).ConfigureAwait(false);
        }
    }

    private ILeaseStorage Leases => store.Storage.Leases;

    /// <summary>Looks soon.</summary>
    public void LookSoon()
    {
        if (_look.CurrentCount == 0)
            _look.Release();
    }

    /// <summary>Looks now and returns when every consumer has been told what changed.</summary>
    public async ValueTask Look(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var records = new Dictionary<string, ConsumerRecord>(StringComparer.Ordinal);
            foreach (var record in await Leases.List(cancellationToken).ConfigureAwait(false))
                records[record.Consumer] = record;
            foreach (var consumer in consumers())
                await Tend(consumer, records.GetValueOrDefault(consumer.Name), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes no lease any more.</summary>
    public void TakeNoMore() => _isStopping = true;

    /// <summary>Gives the leases back, so that another node takes over at once.</summary>
    public async Task Release(CancellationToken cancellationToken)
    {
        foreach (var consumer in consumers())
            await GiveBack(consumer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the lease of a consumer back that is not one of this node's any more, and takes it no more.</summary>
    public async Task Release(Consumer consumer, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await GiveBack(consumer, cancellationToken).ConfigureAwait(false);
            _reported.Remove(consumer);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _look.Dispose();
        _turn.Dispose();
    }

    private async ValueTask GiveBack(Consumer consumer, CancellationToken cancellationToken)
    {
        if (consumer.Lease is not { } lease)
            return;
        try
        {
            await Leases.Release(consumer.Name, 0, lease.Epoch, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StorageException or OperationCanceledException)
        {
            ConsumerLog.CannotRelease(logger, consumer.Name, exception);
        }
        consumer.Lose(lease);
    }

    private async ValueTask Tend(Consumer consumer, ConsumerRecord? record, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (consumer.Lease is { } lease)
        {
            if (record is not null && record.LeaseEpoch == lease.Epoch && record.Holder == node)
            {
                await Keep(consumer, lease, record, now, cancellationToken).ConfigureAwait(false);
                return;
            }
            consumer.Lose(lease);
        }
        if (!_isStopping && (record?.Holder is null || record.Holder == node || record.LeaseUntil <= now))
            await Acquire(consumer, now, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Acquire(Consumer consumer, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var record = await Leases.Acquire(consumer.Name, 0, node, options.LeaseDuration, now, cancellationToken).ConfigureAwait(false);
        if (record.Holder != node)
            return;
        _reported.Remove(consumer);
        consumer.Grant(new ConsumerLease(record), record.IsPaused);
    }

    private async ValueTask Keep(
        Consumer consumer, ConsumerLease lease, ConsumerRecord record, DateTimeOffset now, CancellationToken cancellationToken)
    {
        consumer.SetPaused(record.IsPaused);
        consumer.Notice(record.ReleasedLetters);
        lease.Until = record.LeaseUntil;
        if (lease.Until - now < options.LeaseDuration * 2 / 3)
        {
            var renewed = await Leases.Acquire(consumer.Name, 0, node, options.LeaseDuration, now, cancellationToken).ConfigureAwait(false);
            lease.Until = renewed.LeaseUntil;
            if (renewed.LeaseEpoch != lease.Epoch || renewed.Holder != node)
                consumer.Lose(lease);
        }
        if (consumer.Progress.Position >= store.Tail.Head.Position)
            consumer.Progress.Begin();
        await Report(consumer, lease, now, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Report(Consumer consumer, ConsumerLease lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (state, error) = StandOf(consumer);
        var report = (state.ToString(), error);
        if (_reported.TryGetValue(consumer, out var before) && before == report)
            return;
        await Leases.Report(consumer.Name, 0, lease.Epoch, report.Item1, error, now, cancellationToken).ConfigureAwait(false);
        _reported[consumer] = report;
    }

    /// <summary>What a consumer says of itself, or that it stands still without saying anything.</summary>
    public (ConsumerState State, string? Error) StandOf(Consumer consumer)
    {
        var (state, problem) = (consumer.Progress.State, consumer.Progress.Problem);
        var standstill = consumer.Progress.Standstill;
        var isSilent = state is ConsumerState.CatchingUp or ConsumerState.Live && problem is null && standstill >= options.StallAfter
            && consumer.Progress.Position < store.Tail.Head.Position;
        if (!isSilent)
            return (state, problem?.ToString());
        var seconds = standstill.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return (ConsumerState.Stalled, $"No progress for {seconds} seconds, while the log goes on.");
    }

    private void LoseExpired()
    {
        var now = _time.GetUtcNow();
        foreach (var consumer in consumers())
        {
            if (consumer.Lease is { } lease && lease.Until <= now)
                consumer.Lose(lease);
        }
    }

    private async Task Wait(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.LookEvery, _time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await _look.WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
