using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>An idempotent producer, shared by all who publish. Once broken it stays so: what it still has is dropped with it.</summary>
/// <remarks>
/// A producer left alone would go on by itself and send what has been published again over another in the meantime. Its messages would be
/// doubled for no reason, and one that is refused for ever would keep it from others.
/// </remarks>
internal sealed class PublishLine : IAsyncDisposable
{
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Lock _writing = new(); // Taken before the other. librdkafka must not be asked for anything while it ends.
    private readonly HashSet<PublishBatch> _open = [];
    private readonly HeardCause _cause = new();
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly KafkaOptions _options;
    private string? _broken;
    private volatile bool _isSpent; // A producer that was denied a topic asks for it no more.

    private PublishLine(KafkaOptions options, ILogger logger)
    {
        _options = options;
        _producer = new ProducerBuilder<byte[], byte[]>(ClientSettings.Producer(options))
            .SetErrorHandler((_, error) => Note(error))
            .SetLogHandler((_, said) => KafkaLog.Note(logger, said))
            .Build();
    }

    public bool IsOpen => Volatile.Read(ref _broken) is null && !_isSpent;

    /// <exception cref="TransportRefusedException">librdkafka does not know a setting.</exception>
    public static PublishLine Open(KafkaOptions options, ILogger logger) => ClientMaking.Make(() => new PublishLine(options, logger));

    public async Task<IReadOnlyList<PublishOutcome>> Publish(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
            return [];
        var batch = new PublishBatch(messages.Count);
        lock (_lock)
        {
            if (_broken is { } broken)
                throw new TransportUnavailableException(KafkaTransport.Name, broken);
            _open.Add(batch);
        }
        try
        {
            Write(batch, messages);
            var outcomes = await batch.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (batch.IsDenied)
                _isSpent = true;
            else
                _cause.Forget(); // Brokers answered.
            return outcomes;
        }
        catch (OperationCanceledException)
        {
            Break("a confirm did not come in time.");
            throw;
        }
        finally
        {
            lock (_lock)
                _open.Remove(batch);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break("the line was closed.");
        // librdkafka waits for its threads, and calls nobody any more.
        await Task.Run(End).WaitAsync(LongestClose).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void End()
    {
        lock (_writing)
            _producer.Dispose();
    }

    private void Write(PublishBatch batch, IReadOnlyList<OutgoingMessage> messages)
    {
        lock (_writing)
        {
            if (Volatile.Read(ref _broken) is null)
                WriteAll(batch, messages);
        }
    }

    private void WriteAll(PublishBatch batch, IReadOnlyList<OutgoingMessage> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var record = RecordForm.Write(messages[i], out var headerBytes);
            if (ProblemOf(record.Value.Length, headerBytes) is { } problem)
            {
                batch.Settle(i, PublishOutcome.Refused(problem));
                continue;
            }
            try
            {
                _producer.Produce(messages[i].Destination, record, batch.Settles(i));
            }
            catch (KafkaException exception) // The queue is full, or the producer has given up.
            {
                batch.Settle(i, exception.Error);
                if (exception.Error.IsFatal || exception.Error.Code is ErrorCode.Local_Fatal or ErrorCode.Local_QueueFull)
                {
                    batch.Break(KafkaFailure.Say(exception.Error));
                    return;
                }
            }
        }
    }

    private string? ProblemOf(int bodyBytes, int headerBytes) =>
        bodyBytes > _options.MaxBodyBytes ? $"its body has {bodyBytes:N0} bytes, and {_options.MaxBodyBytes:N0} are the most."
        : headerBytes > ClientSettings.HeaderBytes
            ? $"its key and headers have {headerBytes:N0} bytes, and {ClientSettings.HeaderBytes:N0} are the most."
        : null;

    private void Note(Error error)
    {
        _cause.Note(error);
        if (error.IsFatal || error.Code == ErrorCode.Local_AllBrokersDown)
            Break(KafkaFailure.Say(_cause.About(error)));
    }

    private void Break(string problem)
    {
        lock (_lock)
        {
            if (_broken is not null)
                return;
            _broken = problem;
            foreach (var batch in _open)
                batch.Break(problem);
        }
    }
}
