using System.Runtime.CompilerServices;

namespace Millrace.Redis;

/// <summary>A subscription to a channel. Disposing ends it.</summary>
/// <remarks>
/// Unread messages wait in a bounded queue. A reader that is too slow loses the messages in it, and gets a gap.
/// </remarks>
public sealed class RedisSubscription : IAsyncDisposable
{
    private readonly RedisChannels _channels;
    private readonly int _capacity;

    private readonly Lock _lock = new(); // Guards the next three fields.
    private readonly Queue<RedisChannelMessage> _waiting = new();
    private TaskCompletionSource _arrived = New();
    private bool _isEnded;

    internal RedisSubscription(RedisChannels channels, string channel, int capacity)
    {
        _channels = channels;
        Channel = channel;
        _capacity = capacity;
    }

    /// <summary>Gets the channel.</summary>
    public string Channel { get; }

    /// <summary>Reads messages, a gap first, until the subscription ends. For one reader at a time.</summary>
    /// <param name="cancellationToken">Ends the reading; the next reader gets the messages that came meanwhile.</param>
    public async IAsyncEnumerable<RedisChannelMessage> Read(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task come;
            RedisChannelMessage notice;
            bool isThere;
            lock (_lock)
            {
                isThere = _waiting.TryDequeue(out notice);
                if (!isThere && _isEnded)
                    yield break;
                if (!isThere && _arrived.Task.IsCompleted)
                    _arrived = New();
                come = _arrived.Task;
            }
            if (isThere)
                yield return notice;
            else
                await come.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End();
        await _channels.Remove(this).ConfigureAwait(false);
    }

    /// <summary>Adds a message; a gap replaces all messages that it makes obsolete.</summary>
    internal void Add(RedisChannelMessage notice)
    {
        lock (_lock)
        {
            if (_isEnded)
                return;
            if (notice.IsGap || _waiting.Count >= _capacity)
            {
                _waiting.Clear();
                _waiting.Enqueue(RedisChannelMessage.Gap);
            }
            if (!notice.IsGap)
                _waiting.Enqueue(notice);
            _arrived.TrySetResult();
        }
    }

    internal void End()
    {
        lock (_lock)
        {
            _isEnded = true;
            _arrived.TrySetResult();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
