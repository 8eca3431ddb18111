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
    private TaskCompletionSource _arrived = NewSignal();
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
            Task arrived;
            RedisChannelMessage message;
            bool hasMessage;
            lock (_lock)
            {
                hasMessage = _waiting.TryDequeue(out message);
                if (!hasMessage && _isEnded)
                    yield break;
                if (!hasMessage && _arrived.Task.IsCompleted)
                    _arrived = NewSignal();
                arrived = _arrived.Task;
            }
            if (hasMessage)
                yield return message;
            else
                await arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End();
        await _channels.Remove(this).ConfigureAwait(false);
    }

    /// <summary>Adds a message; a gap replaces all messages that it makes obsolete.</summary>
    internal void Add(RedisChannelMessage message)
    {
        lock (_lock)
        {
            if (_isEnded)
                return;
            if (message.IsGap || _waiting.Count >= _capacity)
            {
                _waiting.Clear();
                _waiting.Enqueue(RedisChannelMessage.Gap);
            }
            if (!message.IsGap)
                _waiting.Enqueue(message);
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

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
