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
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(200);
    // The client is paused only after this time without space, because resuming takes it some time.
    private static readonly TimeSpan PauseAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Lock _committing = new(); // Taken before the other lock, and held during a commit.
    private readonly DeliveryQueue<long, KafkaDelivery> _waiting = new();
    private readonly Dictionary<int, PartitionProgress> _partitions = [];
    private readonly ManualResetEventSlim _room = new();
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly NativeConsumer _native;
    private readonly ConsumerPause _pause; // Used by the thread only.
    private readonly GroupRebalanceMonitor _group = new(); // Used by the thread only.
    private readonly RecordReader _reader; // Used by the thread only.
    private readonly LastClientError _lastError = new();
    private readonly KafkaOptions _options;
    private readonly Subscription _subscription;
    private readonly ILogger _logger;
    private TaskCompletionSource _changed = NewSignal();
    private Task _run = Task.CompletedTask;
    private Error? _broken;
    private long _lastOrder;
    private int _unsettledCount;
    private volatile bool _isClosing;
    private bool _hasEnded; // Guarded by the lock of commits.

    private KafkaReceiver(KafkaOptions options, Subscription subscription, ILogger logger)
    {
        _options = options;
        _subscription = subscription;
        _logger = logger;
        var settings = ClientSettings.Consumer(options, options.GroupPrefix + subscription.Name);
        _consumer = new ConsumerBuilder<byte[], byte[]>(settings)
            .SetErrorHandler((_, error) => Note(error))
            .SetLogHandler((_, entry) => KafkaLog.Note(logger, entry))
            .SetPartitionsAssignedHandler((_, partitions) => _group.HandleRebalance(() => AssignPartitions(partitions)))
            .SetPartitionsRevokedHandler(
                (_, partitions) => _group.HandleRebalance(() => RevokePartitions(partitions, mayCommit: true)))
            .SetPartitionsLostHandler(
                (_, partitions) => _group.HandleRebalance(() => RevokePartitions(partitions, mayCommit: false)))
            .Build();
        _pause = new ConsumerPause(_consumer);
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
            Task changed;
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
                if (_changed.Task.IsCompleted)
                    _changed = NewSignal();
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            RequireOpen();
            foreach (var delivery in deliveries)
            {
                var kafkaDelivery = (KafkaDelivery)delivery;
                if (kafkaDelivery.Partition.Finish(kafkaDelivery.Offset) && IsAssigned(kafkaDelivery.Partition))
                    _unsettledCount--;
            }
            _room.Set();
            _changed.TrySetResult();
        }
        try
        {
            await Task.Run(CommitAcknowledged, cancellationToken)
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
                var kafkaDelivery = (KafkaDelivery)delivery;
                if (!IsAssigned(kafkaDelivery.Partition)
                    || !kafkaDelivery.Partition.IsOpen(kafkaDelivery.Offset)
                    || !_waiting.TryAdd(kafkaDelivery.Order, kafkaDelivery.Redeliver()))
                    continue;
                _unsettledCount--;
            }
            _changed.TrySetResult();
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
                using var record = _native.Take(WaitForSpace() ? PollTimeout : TimeSpan.Zero);
                _group.ThrowIfFailed(_consumer, record.IsNone);
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
        _native.Dispose(); // First: a wake would also end the wait of Close for leaving the group.
        lock (_committing) // librdkafka must not be called while it shuts down.
        {
            try
            {
                _consumer.Close(); // Leaves the group, so that others take over immediately.
            }
            catch (KafkaException)
            {
                // There is no caller to report to. The group notices that the member is gone.
            }
            finally
            {
                _hasEnded = true;
                _consumer.Dispose();
            }
        }
    }

    /// <summary>
    /// Waits a moment for space, and returns whether there is space. Without space, pauses the client, which is then
    /// only polled for changes of the group.
    /// </summary>
    private bool WaitForSpace()
    {
        var hasRoom = HasRoom();
        if (!hasRoom)
        {
            _room.Wait(_pause.IsComplete ? PollTimeout : PauseAfter);
            hasRoom = HasRoom();
        }
        _pause.Set(!hasRoom);
        return hasRoom;
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
        _lastError.Forget();
        lock (_lock)
        {
            if (!_partitions.TryGetValue(record.Partition, out var partition))
                _partitions[record.Partition] = partition = new PartitionProgress(record.Partition);
            partition.Begin(record.Offset);
            if (problem is null && !record.IsTombstone && !_subscription.Includes(message.Type))
            {
                partition.Finish(record.Offset); // A topic also contains types that the subscription does not request.
                return;
            }
            _lastOrder++;
            var delivery = new KafkaDelivery(
                _lastOrder, partition, record.Offset, message, problem, mayBeRepeated: false)
            {
                IsTombstone = record.IsTombstone,
            };
            _waiting.TryAdd(_lastOrder, delivery);
            _changed.TrySetResult();
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
                // The offsets are committed again after the rebalance. If a partition moved, its new receiver gets the
                // messages.
                return;
            }
            catch (KafkaException exception)
            {
                Break(exception.Error); // Before another thread commits.
                throw;
            }
            lock (_lock)
            {
                foreach (var (partition, position) in due)
                    partition.Committed(position);
            }
        }
    }

    /// <summary>
    /// Commits for a caller. Throws an exception if the receiver broke meanwhile: the thread then commits nothing.
    /// </summary>
    private void CommitAcknowledged()
    {
        lock (_committing)
        {
            lock (_lock)
                RequireOpen();
            Commit();
        }
    }

    private void AssignPartitions(List<TopicPartition> partitions)
    {
        _pause.PartitionsChanged();
        _group.PartitionsAssigned(partitions.Count);
        var numbers = string.Join(", ", partitions.Select(one => one.Partition.Value));
        KafkaLog.Assigned(_logger, _subscription.Name, partitions.Count, _subscription.Destination, numbers);
    }

    /// <summary>Commits the finished messages of revoked partitions; their new receivers get the rest.</summary>
    private void RevokePartitions(List<TopicPartitionOffset> partitions, bool mayCommit)
    {
        _group.PartitionsRevoked(partitions.Count);
        if (mayCommit)
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
            _changed.TrySetResult();
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
            // The new receivers then also get the finished messages.
        }
    }

    private bool IsAssigned(PartitionProgress partition) =>
        _partitions.TryGetValue(partition.Number, out var assigned) && assigned == partition;

    private void Note(Error error)
    {
        _lastError.Note(error);
        if (error.IsFatal || error.Code is ErrorCode.Local_AllBrokersDown)
            Break(_lastError.WithLastError(error));
    }

    private MillraceException Break(Error error)
    {
        lock (_lock)
        {
            _broken ??= error;
            _waiting.Clear();
            _changed.TrySetResult();
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
