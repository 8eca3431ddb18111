namespace Millrace.Redis;

/// <summary>The answers to commands that were sent together, as they come.</summary>
internal sealed class RedisReplies(int count, TimeSpan limit)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RespValue[] _values = new RespValue[count];

    /// <summary>How long the next answer may take.</summary>
    public TimeSpan Limit { get; } = limit;

    /// <summary>Ends, without an error, when all have come or no more will.</summary>
    public Task Done => _done.Task;

    /// <summary>Why no more will come; null when all have.</summary>
    public RedisLostException? Failure { get; private set; }

    /// <summary>How many have come.</summary>
    public int Come { get; private set; }

    /// <summary>An answer that has come.</summary>
    public RespValue this[int index] => _values[index];

    /// <summary>Takes an answer; true when it is the last. By the connection only.</summary>
    public bool Take(RespValue value)
    {
        _values[Come++] = value;
        return Come == _values.Length;
    }

    public void Finish(RedisLostException? failure = null)
    {
        Failure = failure;
        _done.TrySetResult();
    }
}
