using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Storage;

namespace Millrace;

/// <summary>A projection as the runtime needs to know it.</summary>
public abstract class ProjectionDefinition
{
    private protected ProjectionDefinition(Type document) => DocumentType = document;

    /// <summary>Its stable name.</summary>
    public required string Name { get; init; }

    /// <summary>Its version, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>When its documents are written.</summary>
    public ProjectionLifecycle Lifecycle { get; init; }

    /// <summary>
    /// The category of the streams it folds. Needed where it is inline or live: its documents are those of single
    /// streams, and streams of two categories may have the same key. Of no effect on an asynchronous one.
    /// </summary>
    public string? Stream { get; init; }

    /// <summary>The CLR types of the events it folds.</summary>
    public required IReadOnlyList<Type> Events { get; init; }

    /// <summary>
    /// What folds each of <see cref="Events"/>, in their order, for people: <c>DailySalesProjection.Apply(DailySales?,
    /// OrderPlaced)</c>. Empty by default: then the class alone is told.
    /// </summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>The CLR type of its documents.</summary>
    public Type DocumentType { get; }

    /// <summary>The CLR type of their keys.</summary>
    internal abstract Type KeyType { get; }

    /// <summary>The CLR type of the projection.</summary>
    internal abstract Type ProjectionType { get; }

    /// <summary>
    /// The first collection that holds its documents: name and version. Later builds of the version have names of their
    /// own.
    /// </summary>
    public string Collection => CollectionName.Of(Name, Version);

    /// <summary>What is wrong with its category; null when nothing is.</summary>
    internal string? CategoryProblem => Lifecycle == ProjectionLifecycle.Asynchronous ? null
        : string.IsNullOrEmpty(Stream)
            ? $"The projection '{Name}' is {Lifecycle.ToString().ToLowerInvariant()} and does not name the category "
                + $"of its streams: "
                + "set Stream."
        : Stream.Contains('-', StringComparison.Ordinal)
            ? $"The projection '{Name}' names the category '{Stream}': a category has no '-', which parts it from the "
                + "key."
        : null;

    /// <summary>Makes the consumer's work that keeps the documents up to date; null when none is needed.</summary>
    internal abstract ConsumerProcessor? CreateProcessor(EventStore store, ConsumerOptions options, string collection);

    /// <summary>Makes what writes the documents with the events; null unless it is inline.</summary>
    internal abstract InlineProjection? CreateInline(EventStore store);

    /// <summary>Folds the log again and compares, up to a position that the documents reflect.</summary>
    internal abstract Task<ReadModelCheck> Check(
        EventStore store, string collection, long position, CancellationToken cancellationToken);

    /// <summary>Folds one event into the stored document of a key, as JSON; into all of its documents when the key is
    /// empty.</summary>
    internal abstract byte[]? FoldStored(ReadOnlyMemory<byte>? document, string key, RecordedEvent recorded);

    /// <summary>Refuses to run where documents of different streams could be taken for one.</summary>
    /// <exception cref="InvalidOperationException">It is not asynchronous, and names no category.</exception>
    internal void RequireCategory()
    {
        if (CategoryProblem is { } problem)
            throw new InvalidOperationException(problem);
    }

    /// <summary>Whether a stream has a document of its own here: for a projection that is not asynchronous.</summary>
    internal bool Covers(StreamId stream) =>
        Stream is { } category && stream.Value.Length > category.Length + 1 && stream.Value[category.Length] == '-'
        && stream.Value.StartsWith(category, StringComparison.Ordinal);

    /// <summary>Refuses an event whose document is not that of its stream: for a projection that is not
    /// asynchronous.</summary>
    /// <exception cref="DocumentKeyException">It is not.</exception>
    internal void RequireOwnKey(RecordedEvent recorded, string key)
    {
        // Covered, so it has one.
        if (!Covers(recorded.Stream) || !recorded.Stream.Value.AsSpan(Stream!.Length + 1).SequenceEqual(key))
            throw new DocumentKeyException(Name, Stream ?? "", recorded.Stream, recorded.Type, key);
    }

    /// <summary>Makes what folds it in memory, beside the store.</summary>
    internal abstract ProjectionTrial CreateTrial(EventTypeMap types, TrialScope scope);

    /// <summary>Makes what tells which documents an event changes.</summary>
    internal abstract KeyFinder CreateFinder();

    /// <summary>Makes what folds the document of one key in memory, from the document as it is so far.</summary>
    internal abstract StateReplay CreateReplay(string key, byte[]? document);

    /// <summary>What folds an event, for people.</summary>
    internal string RuleOf(Type projection, Type @event)
    {
        for (var i = 0; i < Events.Count && i < Rules.Count; i++)
        {
            if (Events[i] == @event)
                return Rules[i];
        }
        return $"{projection.Name}.Fold({@event.Name})";
    }

    /// <summary>Registers the read model: by its type, and by its type and the projection's name.</summary>
    internal abstract void Register(
        IServiceCollection services, ServiceLifetime lifetime, Func<IServiceProvider, ConsumerHost> host);
}

/// <summary>A projection as the runtime needs to know it.</summary>
public sealed class ProjectionDefinition<TKey, TDocument>() : ProjectionDefinition(typeof(TDocument))
    where TKey : notnull
    where TDocument : class
{
    /// <summary>Makes the projection.</summary>
    public required Func<Projection<TKey, TDocument>> Create { get; init; }

    /// <summary>How a document is written and read.</summary>
    public required JsonTypeInfo<TDocument> Document { get; init; }

    /// <summary>The text of a key, by which its document is stored; the key's invariant text by default.</summary>
    public Func<TKey, string>? KeyText { get; init; }

    /// <summary>The members that queries filter and sort by.</summary>
    public IReadOnlyList<DocumentField<TDocument>> Fields { get; init; } = [];

    internal override Type KeyType => typeof(TKey);

    internal override Type ProjectionType => Create().GetType();

    internal override ConsumerProcessor? CreateProcessor(
        EventStore store, ConsumerOptions options, string collection) =>
        Lifecycle switch
        {
            ProjectionLifecycle.Asynchronous => new ProjectionProcessor<TKey, TDocument>(
                this, store, options, collection),
            ProjectionLifecycle.Inline => new InlineProjectionProcessor<TKey, TDocument>(this, store, options),
            _ => null,
        };

    internal override InlineProjection? CreateInline(EventStore store) =>
        Lifecycle == ProjectionLifecycle.Inline ? new InlineProjection<TKey, TDocument>(this, store) : null;

    internal IReadModel<TKey, TDocument> CreateReadModel(ConsumerHost host) => Lifecycle == ProjectionLifecycle.Live
        ? new LiveReadModel<TKey, TDocument>(this, host.Store)
        : new ReadModel<TKey, TDocument>(this, host);

    internal override Task<ReadModelCheck> Check(
        EventStore store, string collection, long position, CancellationToken cancellationToken) =>
        new ReadModelVerifier<TKey, TDocument>(this, store, collection).Check(position, cancellationToken);

    internal override byte[]? FoldStored(ReadOnlyMemory<byte>? document, string key, RecordedEvent recorded)
    {
        StoredEventTypes.RequireReadable(recorded);
        var (format, projection) = (new DocumentFormat<TKey, TDocument>(this), Create());
        var keys = new List<TKey>();
        SplitEventFolder.CollectKeys(projection, recorded, keys);
        var folded = document is { } body ? format.Read(body) : null;
        foreach (var one in keys)
        {
            if (key.Length == 0 || format.KeyText(one) == key)
                folded = SplitEventFolder.Fold(projection, one, folded, recorded);
        }
        return folded is null ? null : format.Write(folded);
    }

    internal override ProjectionTrial CreateTrial(EventTypeMap types, TrialScope scope) =>
        new ProjectionTrial<TKey, TDocument>(this, types, scope);

    internal override KeyFinder CreateFinder() => new KeyFinder<TKey, TDocument>(this);

    internal override StateReplay CreateReplay(string key, byte[]? document) =>
        new DocumentReplay<TKey, TDocument>(this, key, document);

    internal override void Register(
        IServiceCollection services, ServiceLifetime lifetime, Func<IServiceProvider, ConsumerHost> host)
    {
        var type = typeof(IReadModel<TKey, TDocument>);
        services.TryAdd(ServiceDescriptor.Describe(type, provider => CreateReadModel(host(provider)), lifetime));
        services.TryAdd(
            ServiceDescriptor.DescribeKeyed(type, Name, (provider, _) => CreateReadModel(host(provider)), lifetime));
    }
}

/// <summary>A member of a document that queries filter and sort by.</summary>
/// <param name="Name">Its name, in camel case.</param>
/// <param name="Kind">What its values are.</param>
/// <param name="Get">Reads it.</param>
public sealed record DocumentField<TDocument>(string Name, FieldKind Kind, Func<TDocument, FieldValue> Get)
{
    /// <summary>
    /// Reads the text of a value, such as one of a query string; null when it is none. By default texts are taken as
    /// they are, and numbers in the invariant form.
    /// </summary>
    public Func<string, FieldValue?>? Parse { get; init; }
}
