namespace Millrace.Kafka.Native;

/// <summary>
/// A queue of a client that a thread waits at. Any other may end that wait, or the next one where none is under way:
/// who closes a line need not wait until nothing has come for so long. Must be disposed before the client is closed.
/// </summary>
internal sealed unsafe class NativeQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly nint _queue;
    private bool _hasEnded;

    /// <param name="queue">The queue, which this one destroys; 0 where the client has none.</param>
    /// <exception cref="InvalidOperationException">The client has none.</exception>
    public NativeQueue(nint queue) =>
        _queue =
            queue != 0 ? queue : throw new InvalidOperationException("this client of Kafka has no queue to wait at.");

    /// <summary>Ends the wait. Does nothing when the queue is gone.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            if (!_hasEnded)
                Librdkafka.Yield(_queue);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (!_hasEnded)
                Librdkafka.DestroyQueue(_queue);
            _hasEnded = true;
        }
    }
}
