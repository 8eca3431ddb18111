using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Millrace.Kafka.Native;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>
/// An idempotent producer that all publishers share. A broken channel stays broken: pending records are dropped with
/// it.
/// </summary>
/// <remarks>
/// Otherwise an abandoned producer would continue to send messages that another producer has published again. These
/// messages would be duplicated needlessly, and a message that is refused for ever would block others.
/// </remarks>
internal sealed class PublishChannel : IAsyncDisposable
{
    /// <summary>The maximum wait for librdkafka to close a client.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan QueueFullDelay = TimeSpan.FromMilliseconds(2);

    private readonly Lock _lock = new();
    // Taken before the other lock. librdkafka must not be called while it shuts down.
    private readonly Lock _writing = new();
    private readonly List<PublishBatch> _open = [];
    private readonly LastClientError _lastError = new();
    private readonly NativeProducer _producer;
    private readonly RecordWriter _record = new(); // Used by the current writer.
    private readonly KafkaOptions _options;
    private string? _broken;
    private uint _nextNumber;
    private volatile bool _wasDenied; // A producer that was denied a topic never requests it again.

    private PublishChannel(KafkaOptions options, ILogger logger)
    {
        _options = options;
        _producer = new NativeProducer(
            ClientSettings.Producer(options), new(Settle, Note, message => KafkaLog.Note(logger, message)));
    }

    public bool IsOpen => Volatile.Read(ref _broken) is null && !_wasDenied;

    /// <exception cref="TransportRefusedException">librdkafka refuses a setting.</exception>
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
                _wasDenied = true;
            else
                _lastError.Forget(); // A broker answered.
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
        Break("the connection was closed.");
        // librdkafka waits for its threads, and makes no more callbacks.
        await Task.Run(DisposeProducer).WaitAsync(CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void DisposeProducer()
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
            var batch = new PublishBatch(_nextNumber, count);
            _nextNumber = unchecked(_nextNumber + (uint)count);
            _open.Add(batch);
            return batch;
        }
    }

    /// <summary>
    /// Sends all messages. If the client has no space, waits for it: every record leaves the client within the delivery
    /// timeout.
    /// </summary>
    private async Task Write(
        PublishBatch batch, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var written = 0;
        var lastProgress = Stopwatch.GetTimestamp();
        while (true)
        {
            var previouslyWritten = written;
            if (WriteFrom(batch, messages, ref written) is not { } queueFull)
                return;
            if (written > previouslyWritten)
                lastProgress = Stopwatch.GetTimestamp();
            else if (Stopwatch.GetElapsedTime(lastProgress) > _options.DeliveryTimeout)
            {
                batch.Break(KafkaFailure.MessageOf(queueFull));
                return;
            }
            await Task.Delay(QueueFullDelay, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Sends messages from an index on. Returns null if all were sent, or if the channel is broken. Otherwise returns
    /// the error that the client has no space.
    /// </summary>
    private Error? WriteFrom(PublishBatch batch, IReadOnlyList<OutgoingMessage> messages, ref int written)
    {
        lock (_writing)
        {
            for (; written < messages.Count && Volatile.Read(ref _broken) is null; written++)
            {
                var outgoing = messages[written];
                var number = batch.NumberOf(written);
                var body = RecordConverter.Write(outgoing, _record);
                if (ProblemOf(body.Length, _record.HeaderBytes) is { } problem)
                    batch.Settle(number, PublishOutcome.Refused(problem));
                else if (_producer.Produce(_record, body.Span, number) is { } error)
                {
                    if (error.Code == ErrorCode.Local_QueueFull)
                        return error;
                    if (error.IsFatal)
                    {
                        // Before the callers are answered, so that the next call opens another channel.
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
                    batch = FindOpenBatch(number); // Null if no caller waits for it any more.
                if (code == ErrorCode.NoError)
                    batch?.Settle(number, PublishOutcome.Confirmed);
                else if (_producer.FindFatal() is { } fatal)
                    // The report of a record may come before the fatal error that caused it.
                    Break(KafkaFailure.MessageOf(fatal));
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
            ? $"its body has {bodyBytes:N0} bytes, and at most {_options.MaxBodyBytes:N0} are allowed."
        : headerBytes > ClientSettings.HeaderBytes
            ? $"its key and headers have {headerBytes:N0} bytes, and at most {ClientSettings.HeaderBytes:N0} are "
                + "allowed."
        : null;

    private void Note(Error error)
    {
        _lastError.Note(error);
        if (error.IsFatal || error.Code == ErrorCode.Local_AllBrokersDown)
            Break(KafkaFailure.MessageOf(_lastError.WithLastError(error)));
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
