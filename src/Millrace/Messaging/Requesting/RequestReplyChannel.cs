using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Protection;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// Sends a node's requests over a transport, and receives their replies over a subscription of this node.
/// </summary>
internal sealed class RequestReplyChannel
{
    /// <summary>The destination of the replies to all nodes.</summary>
    public const string Destination = "millrace.replies";

    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<Message>> _pending = new(StringComparer.Ordinal);
    private readonly TransportRuntime _transport;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RetryBackoff _backoff;

    public RequestReplyChannel(TransportRuntime transport, ConsumerOptions options, TimeProvider time, ILogger logger)
    {
        _transport = transport;
        _time = time;
        _logger = logger;
        _backoff = new RetryBackoff(options, Random.Shared);
        var replyType = $"reply-{Guid.CreateVersion7(time.GetUtcNow()):N}";
        Subscription = new Subscription($"{Destination}.{replyType}", Destination)
        {
            Types = [replyType],
            Prefetch = transport.Options.Prefetch,
            Retention = Retention,
        };
        Source = EventMessage.SourceOf(transport.Options.Source);
    }

    /// <summary>Gets the subscription for replies, whose message type is unique to this node.</summary>
    public Subscription Subscription { get; }

    /// <summary>Gets the destinations of requests, by the type of the command or query.</summary>
    public IReadOnlyDictionary<Type, string> Requests => _transport.Requests;

    public string Source { get; }

    public string System => _transport.Transport.System;

    /// <summary>Gets whether marked values of requests are encrypted.</summary>
    public bool EncryptsValues => _transport.EncryptsValues;

    /// <summary>
    /// Returns the headers of a request that name the destination and type of its reply, and the expiry of the request.
    /// </summary>
    public IReadOnlyDictionary<string, string> HeadersOf(DateTimeOffset expires) =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [RequestMessageFormat.ReplyTo] = Destination,
            [RequestMessageFormat.ReplyType] = Subscription.Types[0],
            [RequestMessageFormat.Expires] = RequestMessageFormat.TextOf(expires),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Returns a request with encrypted values.</summary>
    /// <exception cref="ProtectedValueException">A marked value cannot be encrypted.</exception>
    /// <exception cref="SubjectErasedException">The request contains data of an erased data subject.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public ValueTask<Message> Encrypt(
        Message request, MarkNode? marks, RequestRoute route, CancellationToken cancellationToken) =>
        marks is null || !EncryptsValues
            ? new(request)
            : MessageProtection.Encrypt(
                _transport.Protection, request, marks, route.Name, refusesErased: true, cancellationToken);

    /// <summary>Sends a request and waits for its reply.</summary>
    public async ValueTask<Message> Ask(
        Message request, RequestRoute route, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var reply = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_pending.TryAdd(request.Id, reply))
            throw new InvalidOperationException(
                $"A request with the id '{request.Id}' is already pending on this node.");
        using var limit = new CancellationTokenSource(timeout, _time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _transport.Declare(any.Token).ConfigureAwait(false);
            var outgoing = new OutgoingMessage(route.Destination, request, _transport.Options.Format);
            var outcomes = await _transport.Publish([outgoing], any.Token).ConfigureAwait(false);
            if (PublishRound.FailureOf(outgoing, outcomes.Count > 0 ? outcomes[0] : default, _transport) is { } failure)
                throw failure;
            return await reply.Task.WaitAsync(any.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
            when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RequestTimeoutException(route.Name, route.Destination, timeout);
        }
        finally
        {
            _pending.TryRemove(request.Id, out _);
        }
    }

    /// <summary>
    /// Receives replies until <paramref name="stopping"/> is cancelled. Opens a new connection after each failure.
    /// </summary>
    public async Task Run(CancellationToken stopping)
    {
        for (var failures = 1; !stopping.IsCancellationRequested; failures++)
        {
            try
            {
                await Receive(() => failures = 0, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop logs every failure, and restarts after a pause.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                var delay = _backoff.DelayAfter(Math.Max(1, failures));
                if (exception is TransportUnavailableException or TransportRefusedException)
                    _transport.NoteFailure(exception.Message);
                else
                    MessagingLog.ReceiverFailed(
                        _logger, Subscription.Name, failures, delay.TotalMilliseconds, exception);
                await Task.Delay(delay, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Receive(Action onReceived, CancellationToken stopping)
    {
        await _transport.Declare(stopping).ConfigureAwait(false);
        var receiver = await _transport.Receive(Subscription, stopping).ConfigureAwait(false);
        await using (receiver.ConfigureAwait(false))
        {
            while (true)
            {
                var replies = await receiver.Take(Subscription.Prefetch, stopping).ConfigureAwait(false);
                for (var i = 0; i < replies.Count; i++)
                    await CompleteRequest(replies[i].Message, stopping).ConfigureAwait(false);
                await receiver.Acknowledge(replies, stopping).ConfigureAwait(false);
                onReceived();
            }
        }
    }

    /// <summary>Completes the request of a reply. Ignores a reply whose request has expired.</summary>
    private async ValueTask CompleteRequest(Message reply, CancellationToken stopping)
    {
        if (reply.CausationId is not { } request || !_pending.TryGetValue(request, out var waiting))
            return;
        try
        {
            waiting.TrySetResult(await _transport
                .LoadBody(reply, refusesErased: false, stopping)
                .ConfigureAwait(false));
        }
        catch (MessageBodyException exception)
        {
            waiting.TrySetException(exception);
        }
    }
}
