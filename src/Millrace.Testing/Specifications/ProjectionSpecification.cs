using System.Text;

namespace Millrace.Testing;

/// <summary>
/// Specifies what a projection makes of an event, both as they are stored: given a document, when an event comes, then
/// it passes.
/// </summary>
/// <remarks>Dead letters are written as tests of this kind.</remarks>
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

    /// <summary>Begins with the document of a key; without this, or without a body, there is none.</summary>
    /// <param name="key">The document's key.</param>
    /// <param name="document">The document as JSON; null for none.</param>
    public ProjectionSpecification Given(string key, string? document = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        (_key, _document) = (key, document is null ? null : Encoding.UTF8.GetBytes(document));
        return this;
    }

    /// <summary>Has an event come, as it is stored.</summary>
    /// <param name="eventType">The stored name of its type.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="schemaVersion">Which shape of the type it is.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="version">Its version in the stream.</param>
    /// <param name="position">Its position in the log.</param>
    /// <param name="timestamp">When it was recorded, as ISO 8601; null for the beginning of 2020.</param>
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
        // A bare null would become empty bytes.
        var document = _document is null ? (ReadOnlyMemory<byte>?)null : _document;
        return ProjectionOutcome.Of(() => _definition.FoldStored(document, _key, recorded));
    }
}

/// <summary>
/// Specifies the documents that a projection makes of events; begun by
/// <see cref="Specification.For{TKey, TDocument}(Projection{TKey, TDocument})"/>.
/// </summary>
public sealed class ProjectionSpecification<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly Projection<TKey, TDocument> _projection;
    private readonly History _history;

    internal ProjectionSpecification(Projection<TKey, TDocument> projection) =>
        (_projection, _history) = (projection, new History(projection.GetType().Assembly));

    /// <summary>Says what happened before, oldest first. Called again, it adds to it.</summary>
    /// <param name="events">Events in any version of theirs: each is written and read through the upcasters, as the
    /// store does.</param>
    public ProjectionSpecification<TKey, TDocument> Given(params object[] events)
    {
        _history.Add(events);
        return this;
    }

    /// <summary>Says what happened before as it stands in the store, in a shape that may have no record any
    /// more.</summary>
    /// <param name="eventType">The stored name of its type: <c>order.placed</c>.</param>
    /// <param name="schemaVersion">Which shape of the type it is, from 1.</param>
    /// <param name="json">Its payload.</param>
    public ProjectionSpecification<TKey, TDocument> GivenStored(string eventType, int schemaVersion, string json)
    {
        _history.AddStored(eventType, schemaVersion, json);
        return this;
    }

    /// <summary>Has the events that follow stand in a stream, for projections that look at it; <c>test-1</c> by
    /// default.</summary>
    public ProjectionSpecification<TKey, TDocument> In(StreamId stream)
    {
        _history.Stream = stream;
        return this;
    }

    /// <summary>
    /// Has the events that follow be recorded at a time, for projections that look at it; the first day of 2024 by
    /// default.
    /// </summary>
    public ProjectionSpecification<TKey, TDocument> At(DateTimeOffset time)
    {
        _history.Time = time.ToUniversalTime();
        return this;
    }

    /// <summary>Says which model events and documents are stored by; by default that of the projection's
    /// assembly.</summary>
    public ProjectionSpecification<TKey, TDocument> WithModel<TModel>()
        where TModel : IModel
    {
        _history.RoundTrip.Named = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>Folds what was given and then these, and keeps the documents that come of it, each stored and read on
    /// the way.</summary>
    /// <exception cref="SpecificationException">An event cannot be stored, a given one makes the projection throw, or
    /// the projection is not in the model.</exception>
    public ProjectionResult<TKey, TDocument> When(params object[] events)
    {
        var given = _history.Given.Count;
        _history.Add(events);
        var model = _history.RoundTrip.Model;
        var definition =
            model
                .Catalog.Projections.OfType<ProjectionDefinition<TKey, TDocument>>()
                .FirstOrDefault(one => one.Create().GetType() == _projection.GetType())
            ?? throw new SpecificationException(
                $"{_projection.GetType().Name} is not in the model: mark it with [Projection], or name its model by "
                    + $"WithModel<TModel>()."
            );
        var result = new ProjectionResult<TKey, TDocument>(_history, definition);
        result.Fold(_projection, given);
        return result;
    }
}
