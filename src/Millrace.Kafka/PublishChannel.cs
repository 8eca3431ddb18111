using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Millrace.Kafka.Native;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>An idempotent producer, shared by all who publish. Once broken it stays so: what it still has is dropped
/// with it.</summary>
/// <remarks>
/// A producer left alone would go on by itself and send what has been published again over another in the meantime. Its
/// messages would be doubled for no reason, and one that is refused for ever would keep it from others.
/// </remarks>
internal sealed class PublishChannel : IAsyncDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan QueueFullDelay = TimeSpan.FromMilliseconds(2);

    private readonly Lock _lock = new();
    // Taken before the other. librdkafka must not be asked for anything while it ends.
    private readonly Lock _writing = new();
    private readonly List<PublishBatch> _open = [];
    private readonly LastClientError _cause = new();
    private readonly NativeProducer _producer;
    private readonly RecordWriter _record = new(); // Of whoever is writing.
    private readonly KafkaOptions _options;
    private string? _broken;
    private uint _numbers;
    private volatile bool _isSpent; // A producer that was denied a topic asks for it no more.

    private PublishChannel(KafkaOptions options, ILogger logger)
    {
        _options = options;
        _producer = new NativeProducer(
            ClientSettings.Producer(options), new(Settle, Note, said => KafkaLog.Note(logger, said)));
    }

    public bool IsOpen => Volatile.Read(ref _broken) is null && !_isSpent;

    /// <exception cref="TransportRefusedException">librdkafka does not know a setting.</exception>
    public static PublishChannel Open(KafkaOptions options, ILogger logger) =>
        ClientFactory.Make(() => new PublishChannel(options, logger));

    public async Task<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
            return [];
        var batch = Begin(messages.Count);
        try
        {
            await Write(batch, messages, cancellationToken).ConfigureAwait(false);
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
        await Task.Run(End).WaitAsync(CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void End()
    {
        lock (_writing)
            _producer.Dispose();
    }

    private PublishBatch Begin(int count)
    {
        lock (_lock)
        {
            if (_broken is { } broken)
                throw new TransportUnavailableException(KafkaTransport.Name, broken);
            var batch = new PublishBatch(_numbers, count);
            _numbers = unchecked(_numbers + (uint)count);
            _open.Add(batch);
            return batch;
        }
    }

    /// <summary>Hands all over, and waits where the client has no room. What it has leaves it within the time for
    /// delivery.</summary>
    private async Task Write(
        PublishBatch batch, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var (written, since) = (0, Stopwatch.GetTimestamp());
        while (true)
        {
            var before = written;
            if (WriteFrom(batch, messages, ref written) is not { } full)
                return;
            if (written > before)
                since = Stopwatch.GetTimestamp();
            else if (Stopwatch.GetElapsedTime(since) > _options.DeliveryTimeout)
            {
                batch.Break(KafkaFailure.MessageOf(full));
                return;
            }
            await Task.Delay(QueueFullDelay, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Hands over from one message on. Null when all of them are, or none will be; otherwise why there is no
    /// room.</summary>
    private Error? WriteFrom(PublishBatch batch, IReadOnlyList<OutgoingMessage> messages, ref int written)
    {
        lock (_writing)
        {
            for (; written < messages.Count && Volatile.Read(ref _broken) is null; written++)
            {
                var (outgoing, number) = (messages[written], batch.NumberOf(written));
                var body = RecordConverter.Write(outgoing, _record);
                if (ProblemOf(body.Length, _record.HeaderBytes) is { } problem)
                    batch.Settle(number, PublishOutcome.Refused(problem));
                else if (_producer.Produce(_record, body.Span, number) is { } error)
                {
                    if (error.Code == ErrorCode.Local_QueueFull)
                        return error;
                    if (error.IsFatal)
                    {
                        // Before anybody is answered: the next call is to have another line.
                        Break(KafkaFailure.MessageOf(error));
                        return null;
                    }
                    batch.Settle(number, error);
                }
            }
            return null;
        }
    }

    private void Settle(ReadOnlySpan<(uint Number, ErrorCode Code)> reports)
    {
        lock (_lock)
        {
            PublishBatch? batch = null;
            foreach (var (number, code) in reports)
            {
                if (batch?.Has(number) != true)
                    batch = FindOpenBatch(number); // None where nobody waits for it any more.
                if (code == ErrorCode.NoError)
                    batch?.Settle(number, PublishOutcome.Confirmed);
                else if (_producer.FindFatal() is { } fatal)
                    Break(KafkaFailure.MessageOf(fatal)); // Told of a message before it is told of itself.
                else
                    batch?.Settle(number, new Error(code));
            }
        }
    }

    private PublishBatch? FindOpenBatch(uint number)
    {
        foreach (var batch in _open)
        {
            if (batch.Has(number))
                return batch;
        }
        return null;
    }

    private string? ProblemOf(int bodyBytes, int headerBytes) =>
        bodyBytes > _options.MaxBodyBytes
            ? $"its body has {bodyBytes:N0} bytes, and {_options.MaxBodyBytes:N0} are the most."
        : headerBytes > ClientSettings.HeaderBytes
            ? $"its key and headers have {headerBytes:N0} bytes, and {ClientSettings.HeaderBytes:N0} are the most."
        : null;

    private void Note(Error error)
    {
        _cause.Note(error);
        if (error.IsFatal || error.Code == ErrorCode.Local_AllBrokersDown)
            Break(KafkaFailure.MessageOf(_cause.WithLastError(error)));
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
