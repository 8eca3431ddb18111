using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Millrace.Adapters;
using Millrace.Kafka.Native;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>
/// A member of a consumer group. A thread of its own asks the client for messages, as far as there is room for them,
/// and so keeps its place in the group however long messages take to be handled.
/// </summary>
internal sealed class KafkaReceiver : IReceiver
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollFor = TimeSpan.FromMilliseconds(200);
    // To go on after a pause takes the client a while.
    private static readonly TimeSpan PauseAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Lock _committing = new(); // Taken before the other, and held while the broker is told.
    private readonly DeliveryQueue<long, KafkaDelivery> _waiting = new();
    private readonly Dictionary<int, PartitionProgress> _partitions = [];
    private readonly HashSet<TopicPartition> _paused = []; // The thread's own.
    private readonly ManualResetEventSlim _room = new();
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly NativeConsumer _native;
    private readonly GroupRebalanceMonitor _group = new(); // The thread's own.
    private readonly RecordReader _reader; // The thread's own.
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
    private bool? _isPaused = false; // The thread's own; null when some partitions may be and others not.
    private bool _hasEnded; // Under the lock of commits.

    private KafkaReceiver(KafkaOptions options, Subscription subscription, ILogger logger)
    {
        (_options, _subscription, _logger) = (options, subscription, logger);
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

    public async ValueTask<IReadOnlyList<Delivery>> Take(int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task news;
            lock (_lock)
            {
                RequireOpen();
                var room = Math.Min(most, _subscription.Prefetch - _unsettledCount);
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
        Break(new Error(ErrorCode.Local_Destroy, "the line was closed"));
        _isClosing = true;
        _room.Set();
        _native.Wake();
        // It says what goes wrong by itself.
        await _run.WaitAsync(CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What the thread does until the line is closed.</summary>
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
                    Commit(); // What was passed over, or could not be committed before.
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
#pragma warning disable CA1031 // Whatever it is: who waits for messages must not wait for ever.
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
        _native.Dispose(); // First: waking who waits would end the wait for the group to be left as well.
        lock (_committing) // librdkafka must not be asked for anything while it ends.
        {
            try
            {
                _consumer.Close(); // Leaves the group, so that others take over at once.
            }
            catch (KafkaException)
            {
                // Nobody is there to be told; the group finds out by itself.
            }
            finally
            {
                _hasEnded = true;
                _consumer.Dispose();
            }
        }
    }

    /// <summary>
    /// Waits a moment for room. When there is none, the client is told to bring nothing, and only asked what is new in
    /// the group.
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
    /// Tells the client of those partitions alone for which it is news: it drops what it has in hand of one that it is
    /// told to go on with and that was not paused. It keeps one paused that was so when it went, and comes back.
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
            if (problem is null && !record.IsTombstone && !_subscription.Takes(message.Type))
            {
                partition.Finish(record.Offset); // Kafka brings all that is in a topic.
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

    /// <summary>Tells the broker how far the partitions are, one at a time, so that no older word comes after a newer
    /// one.</summary>
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
                // Told again when it is settled who has the partitions, and delivered again if that is somebody else.
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
        _isPaused = null; // Of these, those that were paused when they went.
        _group.PartitionsAssigned(partitions.Count);
        var numbers = string.Join(", ", partitions.Select(one => one.Partition.Value));
        KafkaLog.Assigned(_logger, _subscription.Name, partitions.Count, _subscription.Destination, numbers);
    }

    /// <summary>Partitions go to somebody else: what is done is told, the rest comes to them.</summary>
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
            // Then all of it is delivered again.
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

    /// <exception cref="TransportUnavailableException">The broker is gone.</exception>
    private void RequireOpen()
    {
        if (_broken is { } error)
            throw KafkaFailure.Of(error);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
