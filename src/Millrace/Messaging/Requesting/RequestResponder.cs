using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Commands;
using Millrace.Messaging.Receiving;
using Millrace.Protection;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// Answers the requests of a receiver. Calls the handlers of the commands and queries, and sends the results back.
/// </summary>
internal sealed class RequestResponder
{
    // The maximum difference between the clocks of this service's nodes.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(1);

    private readonly TransportRuntime _transport;
    private readonly IRequestCatalog _model;
    private readonly IServiceProvider _services;
    private readonly TimeProvider _time;
    private readonly ReplySender _replySender;
    private readonly Dictionary<
        string,
        Func<object, SendOptions, IServiceProvider, CancellationToken, ValueTask<object?>>
    > _handlers = new(StringComparer.Ordinal);

    private readonly PlainRequestReporter _plainRequests;
    private readonly Dictionary<string, (Type Request, Type Result, bool IsQuery, MarkNode? Marks)> _types =
        new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">The model has no handler or no JSON metadata for one of the
    /// types.</exception>
    public RequestResponder(
        ReceiverBuilder receiver,
        TransportRuntime transport,
        IRequestCatalog model,
        IServiceProvider services,
        TimeProvider time)
    {
        _transport = transport;
        _model = model;
        _services = services;
        _time = time;
        _replySender = new ReplySender(transport, receiver, time);
        _plainRequests = new PlainRequestReporter(transport, receiver.Name);
        foreach (var type in receiver.Answers)
            Add(receiver.Name, type);
    }

    /// <summary>Gets the names of the requests.</summary>
    public IEnumerable<string> Names => _handlers.Keys;

    public bool Answers(string type) => _handlers.ContainsKey(type);

    /// <summary>
    /// Answers a request. Throws errors that the request did not cause. The broker then delivers the request again.
    /// </summary>
    /// <param name="received">The request as it was received.</param>
    /// <param name="receiver">The name of the receiver.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask Answer(Message received, string receiver, CancellationToken cancellationToken)
    {
        var (request, erased) = await Load(received, cancellationToken).ConfigureAwait(false);
        var id = new InboxId(receiver, request);
        var now = _time.GetUtcNow();
        if (RequestMessageFormat.IsExpired(request, now))
            return;
        var latestCopy = LatestCopyOf(request, now) + ClockDifference;
        ReadOnlyMemory<byte> body;
        Exception? error = null;
        try
        {
            if (erased is not null)
                throw erased;
            body = await Handle(received, request, SendOptionsOf(request, id, latestCopy), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (IsAnswer(exception, cancellationToken))
        {
            body = RequestMessageFormat.WriteProblem(
                exception is JsonException ? $"it cannot be read: {exception.Message}" : exception.Message);
            error = exception;
        }
        var headers = HeadersOf(request, error, latestCopy);
        var marks = error is null ? _types[request.Type].Marks
            // The text of an error could contain a value of the request.
            : MessageProtection.HasEncryptedValues(received) ? RequestMessageFormat.ProblemMarks
            : null;
        await _replySender.Send(request, body, headers, marks, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Loads and decrypts the body of a request. A request with data of an erased data subject is refused. The refusal
    /// is not settled, because another copy may have been handled before the erasure.
    /// </summary>
    private async ValueTask<(Message Request, SubjectErasedException? Erased)> Load(
        Message received, CancellationToken cancellationToken)
    {
        try
        {
            return (
                await _transport.LoadBody(received, refusesErased: true, cancellationToken).ConfigureAwait(false),
                null);
        }
        catch (SubjectErasedException erased)
        {
            return (received, erased);
        }
    }

    /// <summary>
    /// Returns true for an error that is reported to the client. After other errors, this service handles the request
    /// again.
    /// </summary>
    private static bool IsAnswer(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && (CommandRefusal.Is(exception) || exception is JsonException
            || FailurePolicy.Default.ClassOf(exception, isPure: false) != Storage.FailureClass.System);

    /// <summary>
    /// Returns the headers of a refusal. The refusal is settled for a query and for a refusal by the domain, because
    /// the request then had no effect.
    /// </summary>
    private IReadOnlyDictionary<string, string> HeadersOf(Message request, Exception? error, DateTimeOffset keptUntil)
    {
        if (error is null)
            return FrozenDictionary<string, string>.Empty;
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [RequestMessageFormat.Refused] = error is CommandAlreadyRefusedException before
                ? before.Refusal.Error
                : error.GetType().Name,
        };
        if (request.Headers.TryGetValue(RequestMessageFormat.Expires, out var expires))
            headers[RequestMessageFormat.Expires] = expires;
        var isKept = CommandRefusal.Is(error) && !(RequestMessageFormat.ExpiryOf(request) > keptUntil);
        if (isKept || _types[request.Type].IsQuery)
            headers[RequestMessageFormat.Settled] = RequestMessageFormat.Yes;
        return headers;
    }

    private void Add(string receiver, Type type)
    {
        var (name, result) = _model.FindCommand(type) is { } command ? (command.Name, command.ResultType)
            : _model.FindQuery(type) is { } query ? (query.Name, query.ResultType)
            : throw new InvalidOperationException(
                $"Receiver '{receiver}' must answer '{type.Name}', but the model has no handler for it: write one, or "
                    + "add its model."
            );
        foreach (var one in (Type[])[type, result])
        {
            if (one != typeof(Nothing) && !_model.Json.TryGetTypeInfo(one, out _))
            {
                throw new InvalidOperationException(
                    $"Receiver '{receiver}' must answer '{type.Name}', but the model has no JSON metadata for "
                        + $"'{one.Name}': add its JSON context by model.Json(…).");
            }
        }
        if (_transport.EncryptsValues)
        {
            UnregisteredMarks.RefuseRequest(_model, type);
            UnregisteredMarks.Refuse(_model, result);
        }
        var commandDefinition = _model.FindCommand(type);
        _types[name] = (type, result, IsQuery: commandDefinition is null, _model.MarksOf(result));
        _handlers[name] = commandDefinition is not null
            ? async (data, options, services, cancel) => (await commandDefinition.Send(
                services.GetRequiredService<ICommandBus>(), data, options, cancel).ConfigureAwait(false)).Value
            : async (data, _, services, cancel) => (await _model.FindQuery(type)! // Not a command.
                .Ask(services.GetRequiredService<IQueryBus>(), data, null, cancel).ConfigureAwait(false)).Value;
    }

    private static SendOptions SendOptionsOf(Message message, InboxId id, DateTimeOffset latestCopy) => new()
    {
        IdempotencyKey = id.ToKey(),
        RedeliveryDeadline = latestCopy,
        CorrelationId = Guid.TryParse(message.CorrelationId, out var correlation) ? correlation : null,
        CausationId = Guid.TryParse(message.Id, out var cause) ? cause : null,
    };

    /// <summary>
    /// Returns the time until which a copy of a request may be delivered. A copy of a request without an expiry may
    /// arrive until <see cref="TransportOptions.InboxWindow"/> has elapsed.
    /// </summary>
    private DateTimeOffset LatestCopyOf(Message request, DateTimeOffset now)
    {
        if (RequestMessageFormat.ExpiryOf(request) is not { } expiry)
            return now + _transport.Options.InboxWindow;
        var latest = now + Requests.MaxTimeout; // Clients cannot set a longer timeout.
        return expiry < latest ? expiry : latest;
    }

    private async ValueTask<ReadOnlyMemory<byte>> Handle(
        Message received, Message request, SendOptions options, CancellationToken cancellationToken)
    {
        var (type, result, _, _) = _types[request.Type];
        var data = JsonSerializer.Deserialize(request.Body.Span, _model.Json.GetTypeInfo(type))
            ?? throw new JsonException("it is null.");
        _plainRequests.Inspect(received, request.Body, _model.MarksOf(type));
        var scope = _services.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var value = await _handlers[request.Type]
                (data, options, scope.ServiceProvider, cancellationToken)
                .ConfigureAwait(false);
            return result == typeof(Nothing)
                ? "null"u8.ToArray()
                : JsonSerializer.SerializeToUtf8Bytes(value, _model.Json.GetTypeInfo(result));
        }
    }
}
