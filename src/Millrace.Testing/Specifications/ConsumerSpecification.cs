using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>Specifies that a consumer's handler handles an event in its stored form.</summary>
/// <remarks>Exported dead letters are tests of this kind.</remarks>
public sealed class ConsumerSpecification
{
    private readonly SpecificationModel _model;
    private readonly ConsumerDefinition _consumer;

    internal ConsumerSpecification(SpecificationModel model, ConsumerDefinition consumer) =>
        (_model, _consumer) = (model, consumer);

    /// <summary>
    /// Passes an event in its stored form to the handler. A batch handler gets a batch with this event.
    /// </summary>
    /// <param name="eventType">The stored name of the event type.</param>
    /// <param name="payload">The payload of the event.</param>
    /// <param name="schemaVersion">The schema version of the event.</param>
    /// <param name="stream">The stream of the event.</param>
    /// <param name="version">The version of the event in its stream.</param>
    /// <param name="position">The position of the event in the log.</param>
    /// <param name="timestamp">The recorded time, as ISO 8601; null for the start of 2020.</param>
    /// <param name="cancellationToken">Passed to the handler.</param>
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
            // As in a consumer, an event without a key is an error.
            ArgumentNullException.ThrowIfNull(_consumer.Key(recorded));
            await new EventHandlerProcessor(_consumer, _model.Catalog.EventTypes, static () => 1)
                .HandleAgain(new RetriedEvent(recorded, recorded, "", DeadLetterResolutions.None), cancellationToken)
                .ConfigureAwait(false);
            return new ConsumerOutcome(null);
        }
#pragma warning disable CA1031 // The exception is the result of the step; the following expectation checks it.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new ConsumerOutcome(exception);
        }
    }
}
