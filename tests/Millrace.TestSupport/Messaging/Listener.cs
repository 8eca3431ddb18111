namespace Millrace.TestSupport.Messaging;

/// <summary>Receives the messages of a subscription, like another service.</summary>
internal sealed class Listener(IReceiver receiver) : IAsyncDisposable
{
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly List<Message> _received = [];

    /// <summary>Gets the number of received messages that were not taken.</summary>
    public int Remaining => _received.Count;

    public async Task<IReadOnlyList<Message>> Take(int count)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        while (_received.Count < count)
        {
            var some = await receiver.Take(1_000, limit.Token);
            await receiver.Acknowledge(some, limit.Token);
            _received.AddRange(some.Select(delivery => delivery.Message));
        }
        var taken = _received.GetRange(0, count);
        _received.RemoveRange(0, count);
        return taken;
    }

    public ValueTask DisposeAsync() => receiver.DisposeAsync();
}
