using System.Text;
using Millrace.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.RabbitMq;

/// <summary>
/// A channel on which messages are published and confirmed. Several calls write one after the other, and wait for their
/// confirms at the same time. Once broken it stays so.
/// </summary>
/// <remarks>
/// Confirms are counted here and not by the client, which keeps a task for each message. The broker numbers messages
/// from 1 as they come; one that reaches nobody is returned before it is confirmed.
/// </remarks>
internal sealed class PublishChannel : IAsyncDisposable
{
    private const int MaxShortStringBytes = 255;
    private const int MaxHeaderBytes = 64 * 1024; // All headers of a message go in one frame, which has 128 KiB.

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly List<PublishBatch> _open = [];
    private readonly IChannel _channel;
    private ulong _last;
    private string? _broken;

    private PublishChannel(IChannel channel)
    {
        _channel = channel;
        channel.BasicAcksAsync += (_, acked) => Confirm(acked.DeliveryTag, acked.Multiple, PublishOutcome.Confirmed);
        channel.BasicNacksAsync += (_, refused) =>
            Confirm(
                refused.DeliveryTag,
                refused.Multiple,
                PublishOutcome.Unconfirmed("the broker did not take it for the time being."));
        channel.BasicReturnAsync += (_, returned) => Return(returned);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            Break(BrokerFailure.Say(reason));
            return Task.CompletedTask;
        };
    }

    public bool IsOpen => _channel.IsOpen && Volatile.Read(ref _broken) is null;

    /// <summary>Whether the broker has closed it because an exchange is not there.</summary>
    public bool IsExchangeMissing => BrokerFailure.IsOfMissing(_channel.CloseReason);

    /// <summary>Whether the broker has closed it because an exchange is not there, or takes nothing from
    /// here.</summary>
    public bool WasRefused => BrokerFailure.IsOfExchange(_channel.CloseReason);

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
            Break("publishing was given up halfway."); // How many the broker has counted is not known any more.
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
            // A quorum queue that was about to choose its leader may never confirm: who publishes again does so on a
            // new channel.
            Break("a confirm did not come in time.");
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break("the line was closed.");
        try
        {
            await _channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (BrokerFailure.Is(exception))
        {
            // It is gone already.
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
                if (_broken is { } broken)
                {
                    batch.Break(broken);
                    return;
                }
                if (!batch.IsOpen)
                    _open.Add(batch);
                batch.Number(++_last, i);
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
        bodyBytes > maxBodyBytes ? $"its body has {bodyBytes:N0} bytes, and {maxBodyBytes:N0} are the most."
        : headerBytes > MaxHeaderBytes
            ? $"its headers have {headerBytes:N0} bytes, and {MaxHeaderBytes:N0} are the most."
        : !IsShort(message.Type) ? $"its type is longer than {MaxShortStringBytes} bytes, the most of a routing key."
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
            if (_broken is not null)
                return;
            _broken = problem;
            foreach (var batch in _open)
                batch.Break(problem);
            _open.Clear();
        }
    }
}
