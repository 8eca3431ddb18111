using System.Threading.Tasks.Sources;

namespace Millrace.Benchmarks.Raw;

/// <summary>
/// A hand-written append. A writer reuses the object for every append, so that waiting allocates no memory.
/// </summary>
internal sealed class RawAppend : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _answer = new() { RunContinuationsAsynchronously = true };

    public int Stream { get; private set; }

    public long ExpectedVersion { get; private set; }

    public int Events { get; private set; }

    public int FirstKey { get; private set; }

    public bool WasAccepted { get; set; }

    public void Prepare(int stream, long expectedVersion, int events, int firstKey)
    {
        (Stream, ExpectedVersion, Events, FirstKey) = (stream, expectedVersion, events, firstKey);
        _answer.Reset();
    }

    public ValueTask<bool> Wait() => new(this, _answer.Version);

    public void Answer() => _answer.SetResult(WasAccepted);

    public bool GetResult(short token) => _answer.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags) => _answer.OnCompleted(continuation, state, token, flags);
}
