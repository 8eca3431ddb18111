using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Store;

namespace Millrace.Messaging.Receiving;

/// <summary>
/// Runs the receivers of a node. The receivers start after the node's consumers and stop before them.
/// </summary>
internal sealed class ReceiverHost(
    IReadOnlyList<MessageInbox> inboxes, Requests requests, EventStore? store, ConsumerOptions options, ILogger logger)
    : IStoreService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoned = new();
    private Task _runs = Task.CompletedTask;
    private IReadOnlyList<Task> _receiverRuns = [];

    public IReadOnlyList<MessageInbox> Inboxes => inboxes;

    /// <summary>Gets the client for requests to other services. A node without receivers has it as well.</summary>
    public Requests Requests => requests;

    public Task Start(CancellationToken cancellationToken)
    {
        if (store is null)
            return Task.CompletedTask;
        var resources = new ResourceMonitor(store.Time);
        var runs = requests
            .Channels.Select(channel => Task.Run(() => channel.Run(_abandoned.Token), CancellationToken.None))
            .ToList();
        runs.AddRange(
            (options.IsEnabled ? inboxes : []).Select(inbox =>
            {
                var run = new ReceiverRun(
                    inbox,
                    store,
                    options,
                    HeldMessage.PrefixOf(inbox.Subscription.Name),
                    CreateLoad(inbox, resources),
                    logger);
                return Task.Run(() => run.Run(_stopping.Token, _abandoned.Token), CancellationToken.None);
            })
        );
        _receiverRuns = [.. runs.Skip(requests.Channels.Count)];
        _runs = Task.WhenAll(runs);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Stops accepting messages, and finishes the messages in flight within the time limit. The broker delivers the
    /// others again.
    /// </summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(options.StopTimeout, store?.Time ?? TimeProvider.System);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await Task.WhenAll(_receiverRuns).WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abandoned.CancelAsync().ConfigureAwait(false);
        await _runs.WaitAsync(ConsumerHost.AbandonTimeout, TimeProvider.System, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Returns the adaptation of a receiver; null if its settings are fixed.</summary>
    private ReceiverLoad? CreateLoad(MessageInbox inbox, ResourceMonitor resources)
    {
        var (transport, subscription) = (inbox.Transport, inbox.Subscription);
        var receiver = transport.Receivers.First(one => one.Name == subscription.Name);
        if ((receiver.Load ?? options.Load) is not { } requirements)
            return null;
        var bounds = new LoadBounds(
            Math.Max(1, subscription.Prefetch / ReceiverRun.BatchesInFlight), ReceiverRun.BatchesInFlight);
        var load = new ReceiverLoad(
            requirements,
            bounds,
            resources,
            reason => transport.Metrics.Decided(transport, subscription, reason),
            store!.Time);
        transport.CountsOf(subscription.Name).Load = load;
        return load;
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _abandoned.Dispose();
    }
}
