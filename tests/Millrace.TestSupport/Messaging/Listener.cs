namespace Millrace.TestSupport.Messaging;

/// <summary>Takes messages of a subscription, as another service does.</summary>
internal sealed class Listener(IReceiver receiver) : IAsyncDisposable
{
    // Other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly List<Message> _come = [];

    /// <summary>How many came that were not taken.</summary>
    public int Left => _come.Count;

    public async Task<IReadOnlyList<Message>> Take(int count)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        while (_come.Count < count)
        {
            var some = await receiver.Take(1_000, limit.Token);
            await receiver.Acknowledge(some, limit.Token);
            _come.AddRange(some.Select(one => one.Message));
        }
        var taken = _come.GetRange(0, count);
        _come.RemoveRange(0, count);
        return taken;
    }

    public ValueTask DisposeAsync() => receiver.DisposeAsync();
}
