namespace Millrace.Messaging.Bodies;

/// <summary>
/// Stores the bodies of large messages before they are published, and loads them before a handler runs. This is the
/// claim check pattern.
/// </summary>
internal sealed class MessageBodies(IBodyStore store, MessageBodyOptions options, TimeProvider time)
{
    /// <summary>
    /// The CloudEvents extension that contains the reference. It is a documented extension that other systems use as
    /// well.
    /// </summary>
    public const string ReferenceName = "dataref";

    private const int MaxConcurrency = 8;

    private volatile bool _hasStoredBodies;

    /// <summary>Gets whether this node has stored a body.</summary>
    public bool HasStoredBodies => _hasStoredBodies;

    /// <summary>
    /// Stores the bodies that are larger than a transport's limit. The method changes nothing else in the messages.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The body store is unavailable. No message was
    /// published.</exception>
    public async ValueTask<IReadOnlyList<OutgoingMessage>> StoreBody(
        TransportRuntime transport,
        IReadOnlyList<OutgoingMessage> messages,
        long maxInlineBytes,
        CancellationToken cancellationToken)
    {
        // The body of a message for several destinations is stored once.
        var indexes = new Dictionary<Message, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Message is var message && message.Body.Length > maxInlineBytes)
                indexes.TryAdd(message, indexes.Count);
        }
        var stored = new Message[indexes.Count];
        await Parallel.ForEachAsync(
            indexes,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken },
            async (entry, cancel) =>
                stored[entry.Value] = await StoreBody(transport, entry.Key, cancel).ConfigureAwait(false))
            .ConfigureAwait(false);
        return
        [
            .. messages.Select(one =>
                indexes.TryGetValue(one.Message, out var index) ? one with { Message = stored[index] } : one),
        ];
    }

    /// <summary>Stores the body of a message. The method changes nothing else in the message.</summary>
    /// <exception cref="TransportUnavailableException">The body store is unavailable.</exception>
    public async ValueTask<Message> StoreBody(
        TransportRuntime transport, Message message, CancellationToken cancellationToken)
    {
        var reference = BodyReference.Of(message.Body.Span, time.GetUtcNow() + options.KeptFor);
        await CallStore(transport, limit => Put(reference, message.Body, limit), cancellationToken)
            .ConfigureAwait(false);
        transport.Metrics.BodyTransferred(transport, "put");
        var headers = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal)
        {
            [ReferenceName] = reference.ToString(),
        };
        return message with { Body = default, Headers = headers };
    }

    /// <summary>
    /// Returns a message with its body, and loads the body from the store if it is stored separately.
    /// </summary>
    /// <exception cref="MessageBodyException">The body is missing, or differs from the sent body.</exception>
    /// <exception cref="TransportUnavailableException">The body store is unavailable.</exception>
    public ValueTask<Message> LoadBody(
        TransportRuntime transport, Message message, CancellationToken cancellationToken) =>
        message.Headers.TryGetValue(ReferenceName, out var referenceText)
        && referenceText.StartsWith(BodyReference.Prefix, StringComparison.Ordinal)
            ? LoadBody(transport, message, referenceText, cancellationToken)
            : new(message);

    private async ValueTask<Message> LoadBody(
        TransportRuntime transport, Message message, string referenceText, CancellationToken cancellationToken)
    {
        var reference =
            BodyReference.Parse(referenceText)
            ?? throw new MessageBodyException(
                message.ToString(), referenceText, "its reference was not written by Millrace.");
        var body =
            await CallStore(transport, limit => store.Find(reference, limit), cancellationToken).ConfigureAwait(false)
            ?? throw new MessageBodyException(
                message.ToString(),
                referenceText,
                $"it is not in {store.Description}, where it should be kept until {reference.Until:u}.");
        if (!reference.IsOf(body.Span))
            throw new MessageBodyException(
                message.ToString(), referenceText, $"the body in {store.Description} is not what was sent.");
        transport.Metrics.BodyTransferred(transport, "get");
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
    private async ValueTask<T> CallStore<T>(
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
#pragma warning disable CA1031 // Any error means that the store failed, and never that the message is invalid.
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
