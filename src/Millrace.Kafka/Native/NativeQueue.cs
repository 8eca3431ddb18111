namespace Millrace.Kafka.Native;

/// <summary>
/// A queue of a client at which a thread waits. Any other thread can end the current wait, or the next one if no thread
/// waits. Closing then does not wait for a timeout. It must be disposed before the client is closed.
/// </summary>
internal sealed unsafe class NativeQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly nint _queue;
    private bool _hasEnded;

    /// <param name="queue">The queue, which is destroyed by this object; 0 if the client has none.</param>
    /// <exception cref="InvalidOperationException">The client has no queue.</exception>
    public NativeQueue(nint queue) =>
        _queue =
            queue != 0 ? queue : throw new InvalidOperationException("this client of Kafka has no queue to wait at.");

    /// <summary>Ends the wait. Has no effect after the queue was destroyed.</summary>
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
