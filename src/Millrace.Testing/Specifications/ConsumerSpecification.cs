namespace Millrace.Testing;

/// <summary>Specifies what a consumer's handler does with an event as it is stored: when it comes, then it
/// passes.</summary>
/// <remarks>Dead letters of handlers are written as tests of this kind.</remarks>
public sealed class ConsumerSpecification
{
    private readonly SpecificationModel _model;
    private readonly ConsumerDefinition _consumer;

    internal ConsumerSpecification(SpecificationModel model, ConsumerDefinition consumer) =>
        (_model, _consumer) = (model, consumer);

    /// <summary>Hands an event to the handler, as it is stored; one that takes batches gets it alone.</summary>
    /// <param name="eventType">The stored name of its type.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="schemaVersion">Which shape of the type it is.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="version">Its version in the stream.</param>
    /// <param name="position">Its position in the log.</param>
    /// <param name="timestamp">When it was recorded, as ISO 8601; null for the beginning of 2020.</param>
    /// <param name="cancellationToken">Handed to the handler.</param>
    public async Task<ConsumerOutcome> When(
        string eventType,
        string payload,
        int schemaVersion = 1,
        string stream = "test-1",
        long version = 1,
        long position = 1,
        string? timestamp = null,
        CancellationToken cancellationToken = default)
    {
        var recorded = StoredEvent.Of(
            _model.Serializer, eventType, payload, schemaVersion, stream, version, position, timestamp);
        try
        {
            // What a consumer does first: an event without a key cannot be handled.
            ArgumentNullException.ThrowIfNull(_consumer.Key(recorded));
            await new EventHandlerProcessor(_consumer, _model.Catalog.EventTypes, workers: 1)
                .HandleAgain(new RetriedEvent(recorded, recorded, "", DeadLetterResolutions.None), cancellationToken)
                .ConfigureAwait(false);
            return new ConsumerOutcome(null);
        }
#pragma warning disable CA1031 // What the handler throws is what came of it; the expectation that follows judges it.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new ConsumerOutcome(exception);
        }
    }
}
