namespace Millrace.Redis;

/// <summary>A connection over a stream of bytes.</summary>
internal sealed class RedisConnection : IRedisConnection
{
    private readonly Stream _stream;
    private readonly Func<RespValue, bool>? _takeUnasked;
    private readonly RespReader _reader;
    private readonly ITimer _watch;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _receiving;

    private readonly Lock _lock = new(); // Guards the two below.
    private readonly Queue<RedisReplies> _asked = new();
    private RedisLostException? _failure;

    private RespValue _farewell; // What a server has said that takes no writes any more; touched by what reads only.

    /// <param name="stream">The stream, which belongs to the connection.</param>
    /// <param name="mostBytes">The most bytes of an answer.</param>
    /// <param name="time">Bounds how long answers take.</param>
    /// <param name="takeUnasked">Takes what comes and answers nothing, such as the messages of a channel; false for an answer. Null
    /// where only answers come. Called by what reads: it must not wait.</param>
    public RedisConnection(Stream stream, long mostBytes, TimeProvider time, Func<RespValue, bool>? takeUnasked = null)
    {
        (_stream, _takeUnasked) = (stream, takeUnasked);
        _reader = new RespReader(stream, mostBytes);
        _watch = time.CreateTimer(
            static one => ((RedisConnection)one!).Break(new RedisLostException("it did not answer in time.")), // Its own state.
            this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _receiving = Receive();
    }

    public long Id { get; set; }

    public Task Broken => _broken.Task;

    public RedisLostException? Failure
    {
        get
        {
            lock (_lock)
                return _failure;
        }
    }

    public async ValueTask<RedisReplies> Send(RedisCommands commands, TimeSpan limit, CancellationToken cancellationToken)
    {
        var replies = new RedisReplies(commands.Count, limit);
        try
        {
            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            commands.Dispose();
            throw;
        }
        // From here on nothing is cancelled: half a command would spoil the connection.
        await Write(commands, replies).WaitAsync(cancellationToken).ConfigureAwait(false);
        return replies;
    }

    public async ValueTask DisposeAsync()
    {
        Break(new RedisLostException("the connection was closed."));
        await _receiving.ConfigureAwait(false);
        await _watch.DisposeAsync().ConfigureAwait(false);
    }

    private async Task Write(RedisCommands commands, RedisReplies replies)
    {
        try
        {
            Expect(replies);
            await _stream.WriteAsync(commands.Bytes, _closing.Token).ConfigureAwait(false);
            await _stream.FlushAsync(_closing.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not RedisLostException)
        {
            throw Break(new RedisLostException($"the connection broke: {exception.Message}", exception));
        }
        finally
        {
            commands.Dispose();
            _writing.Release();
        }
    }

    private void Expect(RedisReplies replies)
    {
        lock (_lock)
        {
            if (_failure is not null)
                throw new RedisLostException(_failure.Message, _failure);
            _asked.Enqueue(replies);
            if (_asked.Count == 1)
                _watch.Change(replies.Limit, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task Receive()
    {
        await Task.Yield(); // What comes is not read by whoever made the connection.
        try
        {
            while (true)
                Take(await _reader.Read(_closing.Token).ConfigureAwait(false));
        }
        catch (RedisLostException exception)
        {
            Break(exception);
        }
        catch (Exception exception) // Whatever a stream throws, those who wait must be told.
        {
            Break(new RedisLostException($"the connection broke: {exception.Message}", exception));
        }
    }

    private void Take(RespValue value)
    {
        if (_takeUnasked?.Invoke(value) == true)
            return;
        RedisReplies asked;
        if (value.IsError && RedisErrorException.IsOfReplica(value.Span))
            _farewell = value;
        lock (_lock)
        {
            if (!_asked.TryPeek(out asked!))
                throw RedisLostException.Odd($"it said {value} unasked");
            var isLast = asked.Take(value);
            if (isLast)
                _asked.Dequeue();
            if (_failure is null)
                _watch.Change(_asked.TryPeek(out var next) ? next.Limit : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (!isLast)
                return;
        }
        asked.Finish();
        if (_farewell.IsError) // Another server may have its name by now.
            Break(new RedisLostException($"the server is a replica: {_farewell.Text}"));
    }

    /// <summary>Ends the connection, for the first reason given, and tells all who wait.</summary>
    private RedisLostException Break(RedisLostException failure)
    {
        RedisReplies[] left;
        lock (_lock)
        {
            if (_failure is not null)
                return _failure;
            _failure = failure;
            left = [.. _asked];
            _asked.Clear();
            _watch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        _closing.Cancel();
        _stream.Dispose();
        foreach (var replies in left)
            replies.Finish(failure);
        _broken.TrySetResult();
        return failure;
    }
}
