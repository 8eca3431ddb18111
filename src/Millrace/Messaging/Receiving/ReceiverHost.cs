using Microsoft.Extensions.Logging;

namespace Millrace.Messaging;

/// <summary>Runs the receivers of a node: after its consumers have started, and until before they stop.</summary>
internal sealed class ReceiverHost(IReadOnlyList<MessageInbox> inboxes, EventStore? store, ConsumerOptions options, ILogger logger)
    : IStoreService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoned = new();
    private Task _runs = Task.CompletedTask;

    public IReadOnlyList<MessageInbox> Inboxes => inboxes;

    public Task Start(CancellationToken cancellationToken)
    {
        if (options.IsEnabled && store is not null)
        {
            _runs = Task.WhenAll(inboxes.Select(inbox =>
            {
                var run = new ReceiverRun(inbox, store, options, HeldMessage.PrefixOf(inbox.Subscription.Name), logger);
                return Task.Run(() => run.Run(_stopping.Token, _abandoned.Token), CancellationToken.None);
            }));
        }
        return Task.CompletedTask;
    }

    /// <summary>Takes no more, finishes what is in hand within the limit, and leaves the rest to the broker.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(options.StopTimeout, store?.Time ?? TimeProvider.System);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await _runs.WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abandoned.CancelAsync().ConfigureAwait(false);
        await _runs.WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _abandoned.Dispose();
    }
}
