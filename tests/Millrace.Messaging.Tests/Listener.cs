namespace Millrace.Messaging.Tests;

/// <summary>Takes messages of a subscription, as another service does.</summary>
internal sealed class Listener(IReceiver receiver) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Other tests and builds share the processor.

    private readonly List<Message> _come = [];

    /// <summary>How many came that were not taken.</summary>
    public int Left => _come.Count;

    public async Task<IReadOnlyList<Message>> Take(int count)
    {
        using var limit = new CancellationTokenSource(Patience);
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
