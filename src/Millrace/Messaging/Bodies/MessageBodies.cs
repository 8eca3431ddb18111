namespace Millrace.Messaging;

/// <summary>
/// Stores the bodies of large messages before they are published, and loads them before they are handled: a claim
/// check.
/// </summary>
internal sealed class MessageBodies(IBodyStore store, MessageBodyOptions options, TimeProvider time)
{
    /// <summary>The extension of CloudEvents that contains the reference; other systems know it as well.</summary>
    public const string ReferenceName = "dataref";

    private const int MaxConcurrency = 8;

    private volatile bool _hasStoredBodies;

    /// <summary>Gets whether this node has stored a body.</summary>
    public bool HasStoredBodies => _hasStoredBodies;

    /// <summary>
    /// Stores the bodies that are larger than a transport's limit. The messages are unchanged except for these bodies.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The body store is unavailable: nothing was
    /// published.</exception>
    public async ValueTask<IReadOnlyList<OutgoingMessage>> StoreBody(
        TransportRuntime transport,
        IReadOnlyList<OutgoingMessage> messages,
        long above,
        CancellationToken cancellationToken)
    {
        // A message for several destinations is stored once.
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

    /// <summary>Stores the body of a message. The message is unchanged except for the body.</summary>
    /// <exception cref="TransportUnavailableException">The body store is unavailable.</exception>
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

    /// <summary>Returns a message with its body, wherever the body is stored.</summary>
    /// <exception cref="MessageBodyException">The body is missing, or is not what was sent.</exception>
    /// <exception cref="TransportUnavailableException">The body store is unavailable.</exception>
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
            ?? throw new MessageBodyException(message.ToString(), text, "its reference was not written by Millrace.");
        var body =
            await Within(transport, limit => store.Find(reference, limit), cancellationToken).ConfigureAwait(false)
            ?? throw new MessageBodyException(
                message.ToString(),
                text,
                $"it is not in {store.Description}, where it should be kept until {reference.Until:u}.");
        if (!reference.IsOf(body.Span))
            throw new MessageBodyException(
                message.ToString(), text, $"the body in {store.Description} is not what was sent.");
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

    /// <summary>Calls the store with the time limit of the broker.</summary>
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
#pragma warning disable CA1031 // A failure of the store is never the fault of a message.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var problem = limit.IsCancellationRequested
                ? $"it did not answer within {transport.Options.ConfirmTimeout}."
                : exception.Message;
            throw new TransportUnavailableException(
                transport.Name,
                $"the bodies of large messages are in {store.Description}, which failed: {problem}",
                exception);
        }
    }
}
