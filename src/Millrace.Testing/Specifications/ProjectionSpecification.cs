using System.Text;
using Millrace.Events;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// Specifies the document that a projection creates from an event. Both are in their stored form. Given a document,
/// when an event arrives, then the projection folds it.
/// </summary>
/// <remarks>Exported dead letters are tests of this kind.</remarks>
public sealed class ProjectionSpecification
{
    private readonly ModelCatalog _model;
    private readonly ProjectionDefinition _definition;
    private string _key = "";
    private byte[]? _document;

    internal ProjectionSpecification(ModelCatalog model, string collection)
    {
        _model = model;
        _definition =
            model.Projections.FirstOrDefault(one => one.Collection == collection)
            ?? throw new ArgumentException(
                $"The model has no projection '{collection}'. It has: "
                    + $"{string.Join(", ", model.Projections.Select(one => one.Collection))}.",
                nameof(collection));
    }

    /// <summary>Sets the initial document of a key. By default, the key has no document.</summary>
    /// <param name="key">The key of the document.</param>
    /// <param name="document">The document as JSON; null if the key has no document.</param>
    public ProjectionSpecification Given(string key, string? document = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        _key = key;
        _document = document is null ? null : Encoding.UTF8.GetBytes(document);
        return this;
    }

    /// <summary>Passes an event in its stored form to the projection.</summary>
    /// <param name="eventType">The stored name of the event type.</param>
    /// <param name="payload">The payload of the event.</param>
    /// <param name="schemaVersion">The schema version of the event.</param>
    /// <param name="stream">The stream of the event.</param>
    /// <param name="version">The version of the event in its stream.</param>
    /// <param name="position">The position of the event in the log.</param>
    /// <param name="timestamp">The recorded time, as ISO 8601; null for the start of 2020.</param>
    public ProjectionOutcome When(
        string eventType,
        string payload,
        int schemaVersion = 1,
        string stream = "test-1",
        long version = 1,
        long position = 1,
        string? timestamp = null)
    {
        var serializer = new EventSerializer(_model.EventTypes, new EventLimits());
        var recorded = StoredEvent.Of(
            serializer, eventType, payload, schemaVersion, stream, version, position, timestamp);
        // A plain null would be converted to empty bytes.
        var document = _document is null ? (ReadOnlyMemory<byte>?)null : _document;
        return ProjectionOutcome.Of(() => _definition.FoldStored(document, _key, recorded));
    }
}

/// <summary>
/// Specifies the documents that a projection creates from events. Create it with <see cref="Specification.For{TKey,
/// TDocument}(Projection{TKey, TDocument})"/>.
/// </summary>
public sealed class ProjectionSpecification<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly Projection<TKey, TDocument> _projection;
    private readonly History _history;

    internal ProjectionSpecification(Projection<TKey, TDocument> projection) =>
        (_projection, _history) = (projection, new History(projection.GetType().Assembly));

    /// <summary>Adds earlier events, oldest first. Further calls add more events.</summary>
    /// <param name="events">Events of any schema version. The specification writes each event and reads it through the
    /// upcasters, as a store does.</param>
    public ProjectionSpecification<TKey, TDocument> Given(params object[] events)
    {
        _history.Add(events);
        return this;
    }

    /// <summary>
    /// Adds an earlier event in its stored form, for example in a schema version that no longer has a record type.
    /// </summary>
    /// <param name="eventType">The stored name of the event type: <c>order.placed</c>.</param>
    /// <param name="schemaVersion">The schema version of the event, from 1.</param>
    /// <param name="json">The payload of the event.</param>
    public ProjectionSpecification<TKey, TDocument> GivenStored(string eventType, int schemaVersion, string json)
    {
        _history.AddStored(eventType, schemaVersion, json);
        return this;
    }

    /// <summary>
    /// Sets the stream of the following events, for projections that use it. The default is <c>test-1</c>.
    /// </summary>
    public ProjectionSpecification<TKey, TDocument> In(StreamId stream)
    {
        _history.Stream = stream;
        return this;
    }

    /// <summary>
    /// Sets the recorded time of the following events, for projections that use it. The default is January 1, 2024.
    /// </summary>
    public ProjectionSpecification<TKey, TDocument> At(DateTimeOffset time)
    {
        _history.Time = time.ToUniversalTime();
        return this;
    }

    /// <summary>
    /// Sets the model that stores events and documents. The default is the model of the projection's assembly.
    /// </summary>
    public ProjectionSpecification<TKey, TDocument> WithModel<TModel>()
        where TModel : IModel
    {
        _history.RoundTrip.Named = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>
    /// Folds the given events and then these events, and returns the resulting documents. The projection writes and
    /// reads each document between two events, as a store does.
    /// </summary>
    /// <exception cref="SpecificationException">An event cannot be stored, a given event makes the projection throw, or
    /// the projection is not in the model.</exception>
    public ProjectionResult<TKey, TDocument> When(params object[] events)
    {
        var givenCount = _history.Given.Count;
        _history.Add(events);
        var model = _history.RoundTrip.Model;
        var definition =
            model
                .Catalog.Projections.OfType<ProjectionDefinition<TKey, TDocument>>()
                .FirstOrDefault(one => one.Create().GetType() == _projection.GetType())
            ?? throw new SpecificationException(
                $"{_projection.GetType().Name} is not in the model: mark it with [Projection], or name its model by "
                    + "WithModel<TModel>()."
            );
        var result = new ProjectionResult<TKey, TDocument>(_history, definition);
        result.Fold(definition.Prepare(_projection), givenCount);
        return result;
    }
}
