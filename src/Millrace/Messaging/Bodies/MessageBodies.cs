namespace Millrace.Messaging;

/// <summary>
/// Puts the bodies of large messages away before they are published, and brings them back before they are handled: a
/// claim check.
/// </summary>
internal sealed class MessageBodies(IBodyStore store, MessageBodyOptions options, TimeProvider time)
{
    /// <summary>Where the reference stands: an extension of CloudEvents that others know as well.</summary>
    public const string ReferenceName = "dataref";

    private const int MaxConcurrency = 8;

    private volatile bool _hasStoredBodies;

    /// <summary>Whether this node has put a body away.</summary>
    public bool HasStoredBodies => _hasStoredBodies;

    /// <summary>Puts away the bodies that are larger than a transport's limit. The messages are as before, but for
    /// these bodies.</summary>
    /// <exception cref="TransportUnavailableException">Where bodies lie is away: nothing was published.</exception>
    public async ValueTask<IReadOnlyList<OutgoingMessage>> StoreBody(
        TransportRuntime transport,
        IReadOnlyList<OutgoingMessage> messages,
        long above,
        CancellationToken cancellationToken)
    {
        // A message that goes to several destinations is one.
        var places = new Dictionary<Message, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Message is var message && message.Body.Length > above)
                places.TryAdd(message, places.Count);
        }
        var light = new Message[places.Count];
        await Parallel.ForEachAsync(
            places,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken },
            async (one, cancel) => light[one.Value] = await StoreBody(transport, one.Key, cancel).ConfigureAwait(false))
            .ConfigureAwait(false);
        return
        [
            .. messages.Select(one =>
                places.TryGetValue(one.Message, out var place) ? one with { Message = light[place] } : one),
        ];
    }

    /// <summary>Puts the body of a message away. The message is as before, but for that.</summary>
    /// <exception cref="TransportUnavailableException">Where bodies lie is away.</exception>
    public async ValueTask<Message> StoreBody(
        TransportRuntime transport, Message message, CancellationToken cancellationToken)
    {
        var reference = BodyReference.Of(message.Body.Span, time.GetUtcNow() + options.KeptFor);
        await Within(transport, limit => Put(reference, message.Body, limit), cancellationToken).ConfigureAwait(false);
        transport.Metrics.Moved(transport, "put");
        var headers = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal)
        {
            [ReferenceName] = reference.ToString(),
        };
        return message with { Body = default, Headers = headers };
    }

    /// <summary>A message with its body, wherever that lies.</summary>
    /// <exception cref="MessageBodyException">The body is not there, or is not what was sent.</exception>
    /// <exception cref="TransportUnavailableException">Where bodies lie is away.</exception>
    public ValueTask<Message> LoadBody(
        TransportRuntime transport, Message message, CancellationToken cancellationToken) =>
        message.Headers.TryGetValue(ReferenceName, out var text)
        && text.StartsWith(BodyReference.Prefix, StringComparison.Ordinal)
            ? LoadBody(transport, message, text, cancellationToken)
            : new(message);

    private async ValueTask<Message> LoadBody(
        TransportRuntime transport, Message message, string text, CancellationToken cancellationToken)
    {
        var reference =
            BodyReference.Parse(text)
            ?? throw new MessageBodyException(message.ToString(), text, "its reference is none that Millrace writes.");
        var body =
            await Within(transport, limit => store.Find(reference, limit), cancellationToken).ConfigureAwait(false)
            ?? throw new MessageBodyException(
                message.ToString(),
                text,
                $"it is not in {store.Description}, where it was to be kept until {reference.Until:u}.");
        if (!reference.IsOf(body.Span))
            throw new MessageBodyException(
                message.ToString(), text, $"what lies in {store.Description} is not what was sent.");
        transport.Metrics.Moved(transport, "get");
        var headers = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal);
        headers.Remove(ReferenceName);
        return message with { Body = body, Headers = headers };
    }

    private async ValueTask<bool> Put(
        BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        await store.Put(reference, body, cancellationToken).ConfigureAwait(false);
        _hasStoredBodies = true;
        return true;
    }

    /// <summary>Calls the store, within the time that the broker has for an answer.</summary>
    private async ValueTask<T> Within<T>(
        TransportRuntime transport, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(transport.Options.ConfirmTimeout, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await call(any.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever a store throws, it is no message's fault.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var problem = limit.IsCancellationRequested
                ? $"it did not answer within {transport.Options.ConfirmTimeout}."
                : exception.Message;
            throw new TransportUnavailableException(
                transport.Name,
                $"the bodies of large messages lie in {store.Description}, which fails: {problem}",
                exception);
        }
    }
}
