using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Messaging.Requesting;

namespace Millrace.Messaging;

/// <summary>
/// Sends commands and queries to other services as messages, and waits for their results.
/// <see cref="TransportBuilder.Request{T}"/> sets the destinations. Thread-safe.
/// </summary>
public sealed class Requests
{
    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(10);
    internal static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    private readonly Dictionary<Type, (RequestReplyChannel Channel, RequestRoute Route)> _routes = [];
    private readonly IRequestCatalog _model;
    private readonly TimeProvider _time;

    internal Requests(IReadOnlyList<RequestReplyChannel> channels, IRequestCatalog model, TimeProvider time)
    {
        Channels = channels;
        _model = model;
        _time = time;
        foreach (var channel in channels)
        {
            foreach (var (type, destination) in channel.Requests)
                Add(channel, type, destination);
        }
    }

    /// <summary>Gets the channels for requests and their replies.</summary>
    internal IReadOnlyList<RequestReplyChannel> Channels { get; }

    /// <summary>Sends a command to another service, and returns its answer when the effect is durable there.</summary>
    /// <exception cref="RequestRefusedException">The other service refused the command, or could not handle
    /// it.</exception>
    /// <exception cref="RequestTimeoutException">The request was not answered in time. It is unknown whether the other
    /// service handled it.</exception>
    /// <exception cref="TransportUnavailableException">The broker is unavailable, or did not confirm in
    /// time.</exception>
    /// <exception cref="MessageBodyException">The body of the answer cannot be loaded or decrypted.</exception>
    /// <exception cref="ProtectedValueException">A marked value of the request cannot be encrypted.</exception>
    /// <exception cref="SubjectErasedException">The request contains data of an erased data subject.</exception>
    /// <exception cref="MessageUnroutableException">There is no receiver, because the other service was never
    /// started.</exception>
    /// <exception cref="MessageRefusedException">The broker will never accept the request, because it is too
    /// large.</exception>
    /// <exception cref="InvalidOperationException">No transport has a destination for the type.</exception>
    public ValueTask<TResult> Send<TResult>(
        ICommand<TResult> command, RequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Ask<TResult>((object)command, options, cancellationToken);
    }

    /// <summary>Sends a query to another service.</summary>
    /// <inheritdoc cref="Send{TResult}"/>
    public ValueTask<TResult> Ask<TResult>(
        IQuery<TResult> query, RequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Ask<TResult>((object)query, options, cancellationToken);
    }

    private void Add(RequestReplyChannel channel, Type type, string destination)
    {
        if (!_model.Json.TryGetTypeInfo(type, out _))
            throw new InvalidOperationException(NoJsonMessage(type, type));
        if (channel.EncryptsValues)
            UnregisteredMarks.RefuseRequest(_model, type);
        if (!_routes.TryAdd(type, (channel, new RequestRoute(destination, _model.NameOf(type)))))
            throw new InvalidOperationException(
                $"Requests of '{type.Name}' have destinations on more than one transport: only one is allowed.");
    }

    private async ValueTask<TResult> Ask<TResult>(
        object request, RequestOptions? options, CancellationToken cancellationToken)
    {
        var (channel, route) = _routes.TryGetValue(request.GetType(), out var found)
            ? found
            : throw new InvalidOperationException(
                $"Requests of '{request.GetType().Name}' have no destination: call {nameof(TransportBuilder)}."
                    + $"{nameof(TransportBuilder.Request)}<{request.GetType().Name}>(destination) for a transport."
            );
        options ??= new RequestOptions();
        if (options.Timeout < MinTimeout || options.Timeout > MaxTimeout)
            throw new ArgumentException(
                $"{nameof(options.Timeout)}: must be from {MinTimeout} to {MaxTimeout}.", nameof(options));
        var json =
            typeof(TResult) == typeof(Nothing) ? null
            : _model.Json.TryGetTypeInfo(typeof(TResult), out var info) ? (JsonTypeInfo<TResult>)info
            : throw new InvalidOperationException(NoJsonMessage(request.GetType(), typeof(TResult)));
        using var span = StartSpan(channel, route);
        var plain = MessageOf(request, channel, route, options);
        var message = await channel
            .Encrypt(plain, _model.MarksOf(request.GetType()), route, cancellationToken)
            .ConfigureAwait(false);
        var reply = await channel.Ask(message, route, options.Timeout, cancellationToken).ConfigureAwait(false);
        if (reply.Headers.TryGetValue(RequestMessageFormat.Refused, out var error))
            throw Refusal(message, reply, route, error);
        return json is null ? default! : Read(reply.Body, json, route); // A result of type Nothing has no content.
    }

    private static RequestRefusedException Refusal(Message request, Message reply, RequestRoute route, string error) =>
        new(route.Name, route.Destination, error, RequestMessageFormat.ReadProblem(reply.Body))
        {
            IsSettled = RequestMessageFormat.IsSettled(request, reply),
        };

    private static TResult Read<TResult>(ReadOnlyMemory<byte> body, JsonTypeInfo<TResult> json, RequestRoute route)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, json)!; // Null only where the answer's type allows it.
        }
        catch (JsonException exception)
        {
            throw new RequestRefusedException(
                route.Name,
                route.Destination,
                nameof(JsonException),
                $"its answer is not a {typeof(TResult).Name}: {exception.Message}");
        }
    }

    private Message MessageOf(object request, RequestReplyChannel channel, RequestRoute route, RequestOptions options)
    {
        var now = _time.GetUtcNow();
        var id = options.IdempotencyKey ?? Guid.CreateVersion7(now).ToString();
        var message = new Message
        {
            Id = id,
            Type = route.Name,
            Source = channel.Source,
            Time = now,
            CorrelationId = (options.CorrelationId ?? Guid.CreateVersion7(now)).ToString(),
            TraceParent = Activity.Current?.Id,
            Headers = channel.HeadersOf(now + options.Timeout),
            Body = JsonSerializer.SerializeToUtf8Bytes(request, _model.Json.GetTypeInfo(request.GetType())),
        };
        return options.Key is null ? message : message with { Key = options.Key };
    }

    private static Activity? StartSpan(RequestReplyChannel channel, RequestRoute route)
    {
        var activity = MillraceTelemetry.Source.StartActivity($"request {route.Destination}", ActivityKind.Client);
        activity?.SetTag("messaging.system", channel.System);
        activity?.SetTag("messaging.destination.name", route.Destination);
        return activity;
    }

    private static string NoJsonMessage(Type request, Type type) =>
        $"'{request.Name}' cannot be sent as a request: the model has no JSON metadata for '{type.Name}'. Add its JSON "
            + "context by model.Json(…).";
}
