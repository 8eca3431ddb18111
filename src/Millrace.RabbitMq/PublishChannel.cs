using System.Text;
using Millrace.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.RabbitMq;

/// <summary>
/// A channel on which messages are published and confirmed. Callers write one after the other, and wait for their
/// confirms concurrently. A broken channel stays broken.
/// </summary>
/// <remarks>
/// This class matches confirms to messages. The client could do it, but would allocate a task for each message. The
/// broker numbers messages from 1 in order, and returns an unroutable message before it confirms it.
/// </remarks>
internal sealed class PublishChannel : IAsyncDisposable
{
    private const int MaxShortStringBytes = 255;
    private const int MaxHeaderBytes = 64 * 1024; // All headers of a message must fit in one frame of 128 KiB.

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly List<PublishBatch> _open = [];
    private readonly IChannel _channel;
    private ulong _lastNumber;
    private string? _problem;

    private PublishChannel(IChannel channel)
    {
        _channel = channel;
        channel.BasicAcksAsync += (_, acked) => Confirm(acked.DeliveryTag, acked.Multiple, PublishOutcome.Confirmed);
        channel.BasicNacksAsync += (_, refused) =>
            Confirm(
                refused.DeliveryTag,
                refused.Multiple,
                PublishOutcome.Unconfirmed("the broker temporarily refused it."));
        channel.BasicReturnAsync += (_, returned) => Return(returned);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            Break(BrokerFailure.Describe(reason));
            return Task.CompletedTask;
        };
    }

    public bool IsOpen => _channel.IsOpen && Volatile.Read(ref _problem) is null;

    /// <summary>Gets whether the broker closed the channel because an exchange does not exist.</summary>
    public bool IsExchangeMissing => BrokerFailure.IsExchangeMissing(_channel.CloseReason);

    /// <summary>
    /// Gets whether the broker closed the channel because an exchange does not exist, or may not be written to.
    /// </summary>
    public bool WasRefused => BrokerFailure.IsExchangeFailure(_channel.CloseReason);

    public static async Task<PublishChannel> Open(IConnection connection, CancellationToken cancellationToken)
    {
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
        return new PublishChannel(
            await connection.CreateChannelAsync(options, cancellationToken).ConfigureAwait(false));
    }

    public async Task<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, long maxBodyBytes, CancellationToken cancellationToken)
    {
        var batch = new PublishBatch(messages);
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Write(batch, maxBodyBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (BrokerFailure.Is(exception))
        {
            Break(exception.Message);
        }
        catch
        {
            Break("publishing was interrupted."); // How many messages the broker has counted is now unknown.
            throw;
        }
        finally
        {
            _writing.Release();
        }
        try
        {
            return await batch.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A quorum queue during a leader election may never confirm: the caller publishes again on a new channel.
            Break("a confirm did not come in time.");
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break("the connection was closed.");
        try
        {
            await _channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (BrokerFailure.Is(exception))
        {
            // The channel is already closed.
        }
        _writing.Dispose();
    }

    private async Task Write(PublishBatch batch, long maxBodyBytes, CancellationToken cancellationToken)
    {
        for (var i = 0; i < batch.Messages.Count; i++)
        {
            var (destination, message, format) = batch.Messages[i];
            var properties = PropertiesOf(message, format, out var body, out var headerBytes);
            if (ProblemOf(message, properties, body.Length, headerBytes, maxBodyBytes) is { } problem)
            {
                lock (_lock)
                    batch.Settle(i, PublishOutcome.Refused(problem));
                continue;
            }
            lock (_lock)
            {
                if (_problem is { } broken)
                {
                    batch.Break(broken);
                    return;
                }
                if (!batch.IsOpen)
                    _open.Add(batch);
                batch.Number(++_lastNumber, i);
            }
            await _channel
                .BasicPublishAsync(destination, message.Type, mandatory: true, properties, body, cancellationToken)
                .ConfigureAwait(false);
        }
        lock (_lock)
            batch.FinishWriting();
    }

    private static BasicProperties PropertiesOf(
        Message message, MessageFormat format, out ReadOnlyMemory<byte> body, out int headerBytes)
    {
        var headers = new HeaderTable();
        (body, var contentType) = MessageHeaders.Binding.Write(
            message, format, headers, static (table, name, value) => table.Add(name, value));
        headerBytes = headers.Bytes;
        var properties = new BasicProperties { Headers = headers.Values, ContentType = contentType, Persistent = true };
        if (IsShort(message.Id))
            properties.MessageId = message.Id;
        return properties;
    }

    private static string? ProblemOf(
        Message message, BasicProperties properties, int bodyBytes, int headerBytes, long maxBodyBytes) =>
        bodyBytes > maxBodyBytes ? $"its body has {bodyBytes:N0} bytes, and at most {maxBodyBytes:N0} are allowed."
        : headerBytes > MaxHeaderBytes
            ? $"its headers have {headerBytes:N0} bytes, and at most {MaxHeaderBytes:N0} are allowed."
        : !IsShort(message.Type) ? $"its type is longer than {MaxShortStringBytes} bytes, the limit of a routing key."
        : !IsShort(properties.ContentType!) ? $"its content type is longer than {MaxShortStringBytes} bytes."
        : null;

    private static bool IsShort(string text) =>
        text.Length <= MaxShortStringBytes / 4 || Encoding.UTF8.GetByteCount(text) <= MaxShortStringBytes;

    private Task Confirm(ulong tag, bool isMultiple, PublishOutcome outcome)
    {
        lock (_lock)
        {
            for (var i = 0; i < _open.Count; i++)
            {
                if (_open[i].Confirm(tag, isMultiple, outcome))
                    _open.RemoveAt(i--);
            }
        }
        return Task.CompletedTask;
    }

    private Task Return(BasicReturnEventArgs returned)
    {
        lock (_lock)
        {
            foreach (var batch in _open)
            {
                if (batch.Return(
                        returned.Exchange, returned.BasicProperties.MessageId, returned.RoutingKey, returned.ReplyText))
                    break;
            }
        }
        return Task.CompletedTask;
    }

    private void Break(string problem)
    {
        lock (_lock)
        {
            if (_problem is not null)
                return;
            _problem = problem;
            foreach (var batch in _open)
                batch.Break(problem);
            _open.Clear();
        }
    }
}
