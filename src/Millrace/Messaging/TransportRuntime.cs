using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Millrace.Messaging.Bodies;
using Millrace.Messaging.Receiving;
using Millrace.Protection;

namespace Millrace.Messaging;

/// <summary>Calls a transport. Each call has a time limit and updates the status of the broker.</summary>
internal sealed class TransportRuntime(
    string name,
    ITransport transport,
    TransportOptions options,
    RouteTable routes,
    TimeProvider time,
    ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _declaring = new(1);
    private readonly Lock _lock = new();
    private TransportStatus _status = new(name, transport.System, TransportState.Idle, null, null);
    private readonly ConcurrentDictionary<string, IRetryingReceiver> _retrying = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ReceiverCounts> _counts = new(StringComparer.Ordinal);
    // Destinations of requests that could not be declared.
    private readonly ConcurrentDictionary<string, bool> _refusedDestinations = new(StringComparer.Ordinal);
    private volatile bool _isDeclared;

    public string Name { get; } = name;

    public ITransport Transport { get; } = transport;

    public TransportOptions Options { get; } = options;

    public RouteTable Routes { get; } = routes;

    /// <summary>Gets the receivers of the transport.</summary>
    public IReadOnlyList<ReceiverBuilder> Receivers { get; init; } = [];

    /// <summary>Gets the destinations of requests, by the type of the command or query.</summary>
    public IReadOnlyDictionary<Type, string> Requests { get; init; } = FrozenDictionary<Type, string>.Empty;

    /// <summary>Gets the metrics.</summary>
    public required MessagingMetrics Metrics { get; init; }

    /// <summary>Gets the store of bodies that are not sent over the broker.</summary>
    public MessageBodies? Bodies { get; init; }

    /// <summary>Gets or sets the encryption of the store; null without keys. It is set before messages flow.</summary>
    public StoreProtection? Protection { get; set; }

    /// <summary>Gets or sets the subscriptions of the receivers. They are set when the receivers are created.</summary>
    public IReadOnlyList<Subscription> Subscriptions { get; set; } = [];

    public TransportStatus Status
    {
        get
        {
            var retries = _retrying
                .OrderBy(static one => one.Key, StringComparer.Ordinal)
                .Select(static one => new RetryQueueStatus(one.Key, one.Value.Waiting, one.Value.StallReason))
                .ToList();
            var receivers = _counts
                .OrderBy(static one => one.Key, StringComparer.Ordinal)
                .Select(static one => one.Value.Status)
                .ToList();
            lock (_lock)
                return _status with { Retries = retries, Receivers = receivers };
        }
    }

    /// <summary>
    /// Registers the open connection of a receiver that keeps retries at the broker, until <see cref="Closed"/>.
    /// </summary>
    public void Opened(string receiver, IRetryingReceiver connection) => _retrying[receiver] = connection;

    /// <summary>Returns the counters of the messages that a receiver skips.</summary>
    public ReceiverCounts CountsOf(string receiver) =>
        _counts.GetOrAdd(
            receiver, static (name, state) => new ReceiverCounts(name, state.time, state.logger), (time, logger));

    public void Closed(string receiver) => _retrying.TryRemove(receiver, out _);

    /// <summary>Declares the topology once, and again after the broker was unavailable.</summary>
    public async ValueTask Declare(CancellationToken cancellationToken)
    {
        if (_isDeclared)
            return;
        await _declaring.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isDeclared)
                return;
            await Call(this, static (one, limit) => one.DeclareNow(limit), cancellationToken).ConfigureAwait(false);
            _isDeclared = true;
        }
        finally
        {
            _declaring.Release();
        }
    }

    /// <summary>Publishes messages. Stores bodies that are too large for the broker first.</summary>
    /// <remarks>
    /// The connection is shared with other callers. A cancelled caller stops waiting, but its call continues for up to
    /// the confirm timeout, because an interrupted call would break the connection for all.
    /// </remarks>
    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var prepared = await StoreBody(messages, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var publishing = PublishNow(prepared);
        if (publishing.IsCompleted || !cancellationToken.CanBeCanceled)
            return await publishing.ConfigureAwait(false);
        try
        {
            return await publishing.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = ObserveErrors(publishing);
            throw;
        }
    }

    /// <summary>
    /// Stores the bodies that are too large for the broker. The method changes nothing else in the messages.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The body store is unavailable.</exception>
    public ValueTask<IReadOnlyList<OutgoingMessage>> StoreBody(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        Bodies is { } bodies && Options.ClaimCheckAbove is { } maxInlineBytes && HasLarger(messages, maxInlineBytes)
            ? StoreBody(bodies, messages, maxInlineBytes, cancellationToken)
            : new(messages);

    /// <summary>Gets whether marked values of messages are encrypted.</summary>
    public bool EncryptsValues => !Options.PublishesDecrypted;

    /// <summary>Returns a received message with its body, whose values are decrypted.</summary>
    /// <param name="message">The message.</param>
    /// <param name="refusesErased">True to refuse a message with values of an erased data subject; false to replace
    /// them by the values after erasure.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="SubjectErasedException">The subject of a value was erased, and
    /// <paramref name="refusesErased"/> is true.</exception>
    /// <exception cref="MessageBodyException">The body is missing, differs from the sent body, or cannot be
    /// decrypted.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used, or does not contain a key.</exception>
    public async ValueTask<Message> LoadBody(
        Message message, bool refusesErased, CancellationToken cancellationToken)
    {
        if (Bodies is { } bodies)
            message = await bodies.LoadBody(this, message, cancellationToken).ConfigureAwait(false);
        return await MessageProtection
            .Decrypt(Protection, message, refusesErased, cancellationToken)
            .ConfigureAwait(false);
    }

    public ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
        Call(
            (Transport, subscription),
            static (one, limit) => one.Transport.Receive(one.subscription, limit),
            cancellationToken);

    /// <summary>Checks whether the broker is available.</summary>
    /// <exception cref="TransportUnavailableException">The broker is unavailable, or does not answer.</exception>
    public async ValueTask Check(CancellationToken cancellationToken) =>
        await Call(this, static (one, limit) => one.CheckNow(limit), cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync()
    {
        _declaring.Dispose();
        return Transport.DisposeAsync();
    }

    /// <summary>Records that the broker did not accept messages.</summary>
    public void NoteFailure(string problem)
    {
        _isDeclared = false;
        NoteProblem(problem);
    }

    /// <summary>
    /// Records that an answer is dropped, because it cannot be delivered or its destination is not allowed.
    /// </summary>
    public void NoteUnanswered(ReceiverBuilder receiver, Message request, string destination, string problem)
    {
        Metrics.Unanswered(this, receiver);
        MessagingLog.Unanswered(logger, receiver.Name, request, destination, problem);
    }

    /// <summary>Logs a request whose marked values are not encrypted.</summary>
    public void NotePlainRequest(string receiver, Message request) =>
        MessagingLog.PlainRequest(logger, receiver, request);

    private static bool HasLarger(IReadOnlyList<OutgoingMessage> messages, long maxInlineBytes)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Message.Body.Length > maxInlineBytes)
                return true;
        }
        return false;
    }

    private static bool HasUnconfirmed(IReadOnlyList<PublishOutcome> outcomes)
    {
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].Result == PublishResult.Unconfirmed)
                return true;
        }
        return false;
    }

    private static async Task ObserveErrors(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<IReadOnlyList<PublishOutcome>> PublishNow(IReadOnlyList<OutgoingMessage> messages)
    {
        var startedAt = time.GetTimestamp();
        using var span = Metrics.StartSend(this, messages);
        try
        {
            var outcomes = await Call(
                    (Transport, messages),
                    static (one, limit) => one.Transport.Publish(one.messages, limit),
                    CancellationToken.None)
                .ConfigureAwait(false);
            if (HasUnconfirmed(outcomes))
                _isDeclared = false; // Declared objects may have been removed.
            Metrics.Sent(this, messages, outcomes, time.GetElapsedTime(startedAt), null);
            return outcomes;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            Metrics.Sent(this, messages, null, time.GetElapsedTime(startedAt), exception);
            throw;
        }
    }

    private async ValueTask<IReadOnlyList<OutgoingMessage>> StoreBody(
        MessageBodies bodies,
        IReadOnlyList<OutgoingMessage> messages,
        long maxInlineBytes,
        CancellationToken cancellationToken)
    {
        try
        {
            return await bodies.StoreBody(this, messages, maxInlineBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportUnavailableException exception)
        {
            // Does not check the broker, because a successful check would hide the problem of the body store.
            NoteProblem(exception.Message);
            throw;
        }
    }

    /// <summary>
    /// Declares the topology. Declares the destinations of requests last and one at a time, because they belong to
    /// other services. If the broker refuses to declare one, the method continues with the others. The broker may still
    /// accept the requests.
    /// </summary>
    private async ValueTask<bool> DeclareNow(CancellationToken cancellationToken)
    {
        await Transport
            .Declare(new TransportTopology([.. Routes.Destinations], Subscriptions), cancellationToken)
            .ConfigureAwait(false);
        foreach (var destination in Requests.Values.Except(Routes.Destinations, StringComparer.Ordinal))
        {
            try
            {
                await Transport
                    .Declare(new TransportTopology([destination], []), cancellationToken)
                    .ConfigureAwait(false);
                _refusedDestinations.TryRemove(destination, out _);
            }
            catch (TransportRefusedException exception)
            {
                if (_refusedDestinations.TryAdd(destination, true)) // Logged once, and not after each reconnection.
                    MessagingLog.NotDeclared(logger, Name, destination, exception.Message);
            }
        }
        return true;
    }

    private async ValueTask<bool> CheckNow(CancellationToken cancellationToken)
    {
        await Transport.Check(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<TResult> Call<TArgument, TResult>(
        TArgument argument,
        Func<TArgument, CancellationToken, ValueTask<TResult>> call,
        CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Options.ConfirmTimeout, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var result = await call(argument, any.Token).ConfigureAwait(false);
            if (SetState(TransportState.Connected, null))
                MessagingLog.Available(logger, Name);
            return result;
        }
        catch (OperationCanceledException exception)
            when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var late = new TransportUnavailableException(
                Name, $"it did not answer within {Options.ConfirmTimeout}.", exception);
            NoteFailure(late.Message);
            throw late;
        }
        catch (MillraceException exception)
            when (exception is TransportUnavailableException or TransportRefusedException)
        {
            NoteFailure(exception.Message);
            throw;
        }
    }

    private void NoteProblem(string problem)
    {
        if (SetState(TransportState.Unavailable, problem))
            MessagingLog.Unavailable(logger, Name, problem);
    }

    /// <summary>Returns true if the state changed and the change should be logged.</summary>
    private bool SetState(TransportState state, string? problem)
    {
        lock (_lock)
        {
            if (_status.State == state)
                return false;
            var isLogged = state == TransportState.Unavailable || _status.State == TransportState.Unavailable;
            _status = _status with { State = state, Since = time.GetUtcNow(), Problem = problem };
            return isLogged;
        }
    }
}
