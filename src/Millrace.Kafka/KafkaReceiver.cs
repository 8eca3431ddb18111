using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Millrace.Kafka.Native;
using Millrace.Messaging;
using Millrace.Shared.Transports;

namespace Millrace.Kafka;

/// <summary>
/// A member of a consumer group. Its thread polls the client for messages while there is space for them. The receiver
/// therefore stays in the group however long messages take to be handled.
/// </summary>
internal sealed class KafkaReceiver : IReceiver
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollFor = TimeSpan.FromMilliseconds(200);
    // Resuming after a pause takes the client some time.
    private static readonly TimeSpan PauseAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Lock _committing = new(); // Taken before the other lock, and held during a commit.
    private readonly DeliveryQueue<long, KafkaDelivery> _waiting = new();
    private readonly Dictionary<int, PartitionProgress> _partitions = [];
    private readonly HashSet<TopicPartition> _paused = []; // Used by the thread only.
    private readonly ManualResetEventSlim _room = new();
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly NativeConsumer _native;
    private readonly GroupRebalanceMonitor _group = new(); // Used by the thread only.
    private readonly RecordReader _reader; // Used by the thread only.
    private readonly LastClientError _cause = new();
    private readonly KafkaOptions _options;
    private readonly Subscription _subscription;
    private readonly ILogger _logger;
    private TaskCompletionSource _news = NewSignal();
    private Task _run = Task.CompletedTask;
    private Error? _broken;
    private long _places;
    private int _unsettledCount;
    private volatile bool _isClosing;
    private bool? _isPaused = false; // Used by the thread only; null if only some partitions are paused.
    private bool _hasEnded; // Guarded by the lock of commits.

    private KafkaReceiver(KafkaOptions options, Subscription subscription, ILogger logger)
    {
        _options = options;
        _subscription = subscription;
        _logger = logger;
        var settings = ClientSettings.Consumer(options, options.GroupPrefix + subscription.Name);
        _consumer = new ConsumerBuilder<byte[], byte[]>(settings)
            .SetErrorHandler((_, error) => Note(error))
            .SetLogHandler((_, said) => KafkaLog.Note(logger, said))
            .SetPartitionsAssignedHandler((_, partitions) => _group.HandleRebalance(() => AssignPartitions(partitions)))
            .SetPartitionsRevokedHandler(
                (_, partitions) => _group.HandleRebalance(() => RevokePartitions(partitions, isOurs: true)))
            .SetPartitionsLostHandler(
                (_, partitions) => _group.HandleRebalance(() => RevokePartitions(partitions, isOurs: false)))
            .Build();
        try
        {
            _native = new NativeConsumer(_consumer);
        }
        catch
        {
            _consumer.Dispose();
            throw;
        }
        _reader = new RecordReader(subscription.Destination);
    }

    public static KafkaReceiver Open(KafkaOptions options, Subscription subscription, ILogger logger)
    {
        var receiver = ClientFactory.Make(() => new KafkaReceiver(options, subscription, logger));
        receiver._run = Task.Factory.StartNew(
            receiver.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return receiver;
    }

    public async ValueTask<IReadOnlyList<Delivery>> Take(int maxCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task news;
            lock (_lock)
            {
                RequireOpen();
                var room = Math.Min(maxCount, _subscription.Prefetch - _unsettledCount);
                if (_waiting.Count > 0 && room > 0)
                {
                    var taken = _waiting.Take(room);
                    _unsettledCount += taken.Count;
                    return taken;
                }
                if (_news.Task.IsCompleted)
                    _news = NewSignal();
                news = _news.Task;
            }
            await news.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            RequireOpen();
            foreach (var delivery in deliveries)
            {
                var own = (KafkaDelivery)delivery;
                if (own.Partition.Finish(own.Offset) && IsHeld(own.Partition))
                    _unsettledCount--;
            }
            _room.Set();
            _news.TrySetResult();
        }
        try
        {
            await Task.Run(Commit, cancellationToken)
                .WaitAsync(_options.RequestTimeout, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw Break(exception.Error);
        }
        catch (TimeoutException)
        {
            throw Break(new Error(ErrorCode.Local_TimedOut, $"no answer within {_options.RequestTimeout}"));
        }
    }

    public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            RequireOpen();
            foreach (var delivery in deliveries)
            {
                var own = (KafkaDelivery)delivery;
                if (!IsHeld(own.Partition)
                    || !own.Partition.IsOpen(own.Offset)
                    || !_waiting.TryAdd(own.Place, own.Redeliver()))
                    continue;
                _unsettledCount--;
            }
            _news.TrySetResult();
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        Break(new Error(ErrorCode.Local_Destroy, "the connection was closed"));
        _isClosing = true;
        _room.Set();
        _native.Wake();
        // The thread reports its own errors.
        await _run.WaitAsync(CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The loop of the thread until the receiver is closed.</summary>
    private void Run()
    {
        try
        {
            _consumer.Subscribe(_subscription.Destination);
            while (!_isClosing)
            {
                using var record = _native.Take(MakeRoom() ? PollFor : TimeSpan.Zero);
                _group.Require(_consumer, record.IsNone);
                if (record.IsNone)
                    Commit(); // Skipped messages, or offsets that could not be committed before.
                else if (record.Error == ErrorCode.NoError)
                    Keep(record);
                else
                    throw new KafkaException(_native.ErrorOf(record));
            }
        }
        catch (KafkaException exception)
        {
            Break(exception.Error);
        }
#pragma warning disable CA1031 // Every error must end the wait of the caller.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            KafkaLog.ReceivingFailed(_logger, _subscription.Name, exception);
            Break(new Error(ErrorCode.Local_Application, exception.Message));
        }
        finally
        {
            Close();
        }
    }

    private void Close()
    {
        _native.Dispose(); // First: waking the caller would also end the wait for leaving the group.
        lock (_committing) // librdkafka must not be called while it shuts down.
        {
            try
            {
                _consumer.Close(); // Leaves the group, so that others take over immediately.
            }
            catch (KafkaException)
            {
                // There is no caller to report to; the group detects it.
            }
            finally
            {
                _hasEnded = true;
                _consumer.Dispose();
            }
        }
    }

    /// <summary>
    /// Waits a moment for space. Without space, the client is paused, and only polled for changes of the group.
    /// </summary>
    private bool MakeRoom()
    {
        var hasRoom = HasRoom();
        if (!hasRoom)
        {
            _room.Wait(_isPaused == true ? PollFor : PauseAfter);
            hasRoom = HasRoom();
        }
        if (_isPaused != !hasRoom)
            SetPaused(!hasRoom);
        return hasRoom;
    }

    /// <summary>
    /// Pauses or resumes only the partitions whose state changes: resuming a partition that is not paused would drop
    /// its fetched records. A partition that was paused when it was revoked is still paused when it is assigned again.
    /// </summary>
    private void SetPaused(bool isPaused)
    {
        var news = _consumer.Assignment.FindAll(one => _paused.Contains(one) != isPaused);
        if (isPaused)
        {
            _consumer.Pause(news);
            _paused.UnionWith(news);
        }
        else
        {
            _consumer.Resume(news);
            _paused.ExceptWith(news);
        }
        _isPaused = isPaused;
    }

    private bool HasRoom()
    {
        lock (_lock)
        {
            _room.Reset();
            return _waiting.Count + _unsettledCount < _subscription.Prefetch || _isClosing;
        }
    }

    private void Keep(in NativeRecord record)
    {
        var (message, problem) = _reader.Read(record);
        _cause.Forget();
        lock (_lock)
        {
            if (!_partitions.TryGetValue(record.Partition, out var partition))
                _partitions[record.Partition] = partition = new PartitionProgress(record.Partition);
            partition.Begin(record.Offset);
            if (problem is null && !record.IsTombstone && !_subscription.Includes(message.Type))
            {
                partition.Finish(record.Offset); // Kafka delivers all messages of a topic.
                return;
            }
            _places++;
            var delivery = new KafkaDelivery(_places, partition, record.Offset, message, problem, mayBeRepeated: false)
            {
                IsTombstone = record.IsTombstone,
            };
            _waiting.TryAdd(_places, delivery);
            _news.TrySetResult();
        }
    }

    /// <summary>
    /// Commits the offsets of the partitions, one call at a time, so that an older offset never follows a newer one.
    /// </summary>
    private void Commit()
    {
        lock (_committing)
        {
            if (_hasEnded)
                return;
            var due = new List<(PartitionProgress Partition, long Position)>();
            lock (_lock)
            {
                foreach (var partition in _partitions.Values)
                {
                    if (partition.Due is { } position)
                        due.Add((partition, position));
                }
            }
            if (due.Count == 0)
                return;
            try
            {
                _consumer.Commit(due.Select(
                    one => new TopicPartitionOffset(_subscription.Destination, one.Partition.Number, one.Position)));
            }
            catch (KafkaException exception) when (KafkaFailure.IsGenerationChanged(exception.Error.Code))
            {
                // They are committed again after the rebalance. If the partition moved, its messages are delivered to
                // the new receiver.
                return;
            }
            lock (_lock)
            {
                foreach (var (partition, position) in due)
                    partition.Committed(position);
            }
        }
    }

    private void AssignPartitions(List<TopicPartition> partitions)
    {
        _isPaused = null; // Partitions that were paused when they were revoked are still paused.
        _group.PartitionsAssigned(partitions.Count);
        var numbers = string.Join(", ", partitions.Select(one => one.Partition.Value));
        KafkaLog.Assigned(_logger, _subscription.Name, partitions.Count, _subscription.Destination, numbers);
    }

    /// <summary>Commits what is done of revoked partitions; the rest is delivered to their new receivers.</summary>
    private void RevokePartitions(List<TopicPartitionOffset> partitions, bool isOurs)
    {
        _group.PartitionsRevoked(partitions.Count);
        if (isOurs)
            CommitBeforeRevoke();
        lock (_lock)
        {
            foreach (var lost in partitions)
            {
                if (!_partitions.Remove(lost.Partition.Value, out var partition))
                    continue;
                _unsettledCount -= partition.OpenCount - _waiting.RemoveAll(one => one.Partition == partition);
            }
            _room.Set();
            _news.TrySetResult();
        }
        KafkaLog.Revoked(_logger, _subscription.Name, partitions.Count, _subscription.Destination);
    }

    private void CommitBeforeRevoke()
    {
        try
        {
            Commit();
        }
        catch (KafkaException)
        {
            // Then all messages are delivered again.
        }
    }

    private bool IsHeld(PartitionProgress partition) =>
        _partitions.TryGetValue(partition.Number, out var held) && held == partition;

    private void Note(Error error)
    {
        _cause.Note(error);
        if (error.IsFatal || error.Code is ErrorCode.Local_AllBrokersDown)
            Break(_cause.WithLastError(error));
    }

    private MillraceException Break(Error error)
    {
        lock (_lock)
        {
            _broken ??= error;
            _waiting.Clear();
            _news.TrySetResult();
            return KafkaFailure.Of(_broken);
        }
    }

    /// <exception cref="TransportUnavailableException">The broker is unavailable.</exception>
    private void RequireOpen()
    {
        if (_broken is { } error)
            throw KafkaFailure.Of(error);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
