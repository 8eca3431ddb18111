namespace Millrace.Kafka.Native;

/// <summary>
/// A queue of a client that a thread waits at. Any other may end that wait, or the next one where none is under way: who closes a line
/// need not wait until nothing has come for so long. Must be disposed before the client.
/// </summary>
/// <param name="queue">The queue, which this one destroys.</param>
internal sealed unsafe class NativeQueue(nint queue) : IDisposable
{
    private readonly Lock _lock = new();
    private bool _hasEnded;

    /// <summary>Ends the wait. Does nothing when the queue is gone.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            if (!_hasEnded)
                Librdkafka.Yield(queue);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (!_hasEnded)
                Librdkafka.DestroyQueue(queue);
            _hasEnded = true;
        }
    }
}
