using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Consuming;
using Millrace.Projecting;
using Millrace.Projecting.Previews;
using Millrace.Projecting.Replays;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace;

/// <summary>The definition of a projection for the runtime.</summary>
public abstract class ProjectionDefinition
{
    private protected ProjectionDefinition(Type document) => DocumentType = document;

    /// <summary>Gets the stable name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the version, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Gets when the documents are written.</summary>
    public ProjectionLifecycle Lifecycle { get; init; }

    /// <summary>
    /// Gets the category of the streams that the projection folds. It is required for an inline or live projection,
    /// because each document belongs to one stream, and streams of two categories may have the same key. It has no
    /// effect on an asynchronous projection.
    /// </summary>
    public string? Stream { get; init; }

    /// <summary>Gets the CLR types of the events that the projection folds.</summary>
    public required IReadOnlyList<Type> Events { get; init; }

    /// <summary>
    /// Gets the display names of the rules for <see cref="Events"/>, in the same order, such as
    /// <c>DailySalesProjection.Apply(DailySales?, OrderPlaced)</c>. Empty by default. Without a name, the rule is shown
    /// as <c>DailySalesProjection.Fold(OrderPlaced)</c>.
    /// </summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Gets when the documents expire; null, the default, if they never expire.</summary>
    public DocumentExpiry? Expiry { get; init; }

    /// <summary>Gets whether documents can expire.</summary>
    public bool HasExpiry => Expiry is not null;

    /// <summary>
    /// Gets the indexes of several fields, which <see cref="DocumentIndex.Of"/> creates. There are none by default.
    /// </summary>
    public IReadOnlyList<DocumentIndex> Indexes { get; init; } = [];

    /// <summary>Gets the CLR type of the documents.</summary>
    public Type DocumentType { get; }

    /// <summary>
    /// Gets the class of the application that declares the projection; null if it is the projection itself.
    /// </summary>
    internal Type? DeclaringType { get; init; }

    /// <summary>Gets the CLR type of the keys.</summary>
    internal abstract Type KeyType { get; }

    /// <summary>Gets the CLR type of the projection.</summary>
    internal abstract Type ProjectionType { get; }

    /// <summary>Gets the fields by which queries filter and sort.</summary>
    internal abstract IReadOnlyList<FieldDefinition> FieldDefinitions { get; }

    /// <summary>Parses the text of a value of a field; null if the text is not valid.</summary>
    internal abstract FieldValue? ParseField(int index, string text);

    /// <summary>
    /// Gets the name of the first collection of documents, which consists of the name and the version. Later builds of
    /// the version have other names.
    /// </summary>
    public string Collection => CollectionName.Of(Name, Version);

    /// <summary>Gets the problem of the category, or null if the category is valid.</summary>
    internal string? CategoryProblem => Lifecycle == ProjectionLifecycle.Asynchronous ? null
        : string.IsNullOrEmpty(Stream)
            ? $"The projection '{Name}' is {Lifecycle.ToString().ToLowerInvariant()} and does not specify the category "
                + "of its streams: set Stream."
        : Stream.Contains('-', StringComparison.Ordinal)
            ? $"The projection '{Name}' specifies the category '{Stream}': a category cannot contain '-', which "
                + "separates it from the key."
        : null;

    /// <summary>Creates the processor that updates the documents. Returns null if the projection needs none.</summary>
    internal abstract ConsumerProcessor? CreateProcessor(EventStore store, ConsumerOptions options, string collection);

    /// <summary>
    /// Creates the object that writes the documents with the events. Returns null if the projection is not inline.
    /// </summary>
    internal abstract InlineProjection? CreateInline(EventStore store);

    /// <summary>
    /// Folds the log again and compares the result with the documents, up to a position that they have reached.
    /// </summary>
    internal abstract Task<ReadModelCheck> Check(
        EventStore store, string collection, long position, CancellationToken cancellationToken);

    /// <summary>
    /// Folds an event into the stored JSON document of a key. If the key is empty, folds the event once for each of its
    /// keys.
    /// </summary>
    internal abstract byte[]? FoldStored(ReadOnlyMemory<byte>? document, string key, RecordedEvent recorded);

    /// <summary>Throws if an index has a field that the documents do not have.</summary>
    /// <exception cref="InvalidOperationException">A field is missing.</exception>
    internal void RequireIndexedFields()
    {
        var missing = Indexes
            .SelectMany(static index => index.Fields)
            .FirstOrDefault(name => FieldDefinitions.All(field => field.Name != name));
        if (missing is not null)
            throw new InvalidOperationException(
                $"The projection '{Name}' declares an index with '{missing}', which is not one of its fields. Add it "
                    + "to Fields, or mark the member [Indexed].");
    }

    /// <summary>Throws if documents of different streams could have the same key.</summary>
    /// <exception cref="InvalidOperationException">The projection is not asynchronous and specifies no
    /// category.</exception>
    internal void RequireCategory()
    {
        if (CategoryProblem is { } problem)
            throw new InvalidOperationException(problem);
    }

    /// <summary>Returns whether a stream has its own document. The projection must not be asynchronous.</summary>
    internal bool Covers(StreamId stream) =>
        Stream is { } category && stream.Value.Length > category.Length + 1 && stream.Value[category.Length] == '-'
        && stream.Value.StartsWith(category, StringComparison.Ordinal);

    /// <summary>
    /// Throws if an event's document does not belong to the event's stream. The projection must not be asynchronous.
    /// </summary>
    /// <exception cref="DocumentKeyException">The key differs from the key of the stream.</exception>
    internal void RequireOwnKey(RecordedEvent recorded, string key)
    {
        // Stream is not null for a covered stream.
        if (!Covers(recorded.Stream) || !recorded.Stream.Value.AsSpan(Stream!.Length + 1).SequenceEqual(key))
            throw new DocumentKeyException(Name, Stream ?? "", recorded.Stream, recorded.Type, key);
    }

    /// <summary>Creates a trial run that folds the projection in memory.</summary>
    internal abstract ProjectionTrial CreateTrial(EventTypeMap types, TrialScope scope);

    /// <summary>Creates the finder of the documents that an event changes.</summary>
    internal abstract KeyFinder CreateFinder();

    /// <summary>Creates a replay of one document in memory.</summary>
    internal abstract StateReplay CreateReplay(string key);

    /// <summary>Returns the display name of the rule that folds an event.</summary>
    internal string RuleOf(Type projection, Type @event)
    {
        for (var i = 0; i < Events.Count && i < Rules.Count; i++)
        {
            if (Events[i] == @event)
                return Rules[i];
        }
        return $"{projection.Name}.Fold({@event.Name})";
    }

    /// <summary>Registers the read model that reads all shards.</summary>
    /// <exception cref="ReadModelShardException">The documents of several shards cannot be combined.</exception>
    internal abstract void RegisterSharded(
        IServiceCollection services, Func<IServiceProvider, IReadModelShards> shards);

    /// <summary>Registers the read model by its type, and by its type together with the projection's name.</summary>
    internal abstract void Register(
        IServiceCollection services, ServiceLifetime lifetime, Func<IServiceProvider, ConsumerHost> host);
}

/// <summary>The definition of a projection for the runtime.</summary>
public sealed class ProjectionDefinition<TKey, TDocument>() : ProjectionDefinition(typeof(TDocument))
    where TKey : notnull
    where TDocument : class
{
    /// <summary>Gets the function that creates the projection.</summary>
    public required Func<Projection<TKey, TDocument>> Create { get; init; }

    /// <summary>Gets the JSON metadata of the document.</summary>
    public required JsonTypeInfo<TDocument> Document { get; init; }

    /// <summary>
    /// Gets the function that returns the text of a key. The document is stored under this text. By default, it is the
    /// key's invariant text.
    /// </summary>
    public Func<TKey, string>? KeyText { get; init; }

    /// <summary>Gets the members by which queries filter and sort.</summary>
    public IReadOnlyList<DocumentField<TDocument>> Fields { get; init; } = [];

    internal override Type KeyType => typeof(TKey);

    internal override IReadOnlyList<FieldDefinition> FieldDefinitions =>
        [.. Fields.Select(static one => new FieldDefinition(one.Name, one.Kind))];

    internal override FieldValue? ParseField(int index, string text) => FieldValueParser.Parse(Fields[index], text);

    internal override Type ProjectionType => Create().GetType();

    /// <summary>Gets the rule by which documents expire; null if they never expire.</summary>
    internal ExpiryRule<TDocument>? ExpiryRule =>
        Expiry is null ? null : new ExpiryRule<TDocument>(Name, Expiry, Fields);

    /// <summary>Creates the projection, which folds no event into an expired document.</summary>
    internal Projection<TKey, TDocument> CreateProjection() => Prepare(Create());

    /// <summary>Sets the expiry of the documents of a projection.</summary>
    internal Projection<TKey, TDocument> Prepare(Projection<TKey, TDocument> projection)
    {
        projection.Expiry = ExpiryRule;
        return projection;
    }

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
        var format = new DocumentFormat<TKey, TDocument>(this);
        var projection = CreateProjection();
        var keys = new List<TKey>();
        projection.FindKeys(recorded, keys);
        var folded = document is { } body ? format.Read(body) : null;
        foreach (var collected in keys)
        {
            if (key.Length == 0 || format.KeyText(collected) == key)
                folded = projection.FoldParts(collected, folded, recorded);
        }
        return folded is null ? null : format.Write(folded);
    }

    internal override ProjectionTrial CreateTrial(EventTypeMap types, TrialScope scope) =>
        new ProjectionTrial<TKey, TDocument>(this, types, scope);

    internal override KeyFinder CreateFinder() => new KeyFinder<TKey, TDocument>(this);

    internal override StateReplay CreateReplay(string key) => new DocumentReplay<TKey, TDocument>(this, key);

    internal override void Register(
        IServiceCollection services, ServiceLifetime lifetime, Func<IServiceProvider, ConsumerHost> host)
    {
        var type = typeof(IReadModel<TKey, TDocument>);
        services.TryAdd(ServiceDescriptor.Describe(type, provider => CreateReadModel(host(provider)), lifetime));
        services.TryAdd(
            ServiceDescriptor.DescribeKeyed(type, Name, (provider, _) => CreateReadModel(host(provider)), lifetime));
    }

    internal override void RegisterSharded(IServiceCollection services, Func<IServiceProvider, IReadModelShards> shards)
    {
        if (Lifecycle == ProjectionLifecycle.Asynchronous
            && Stream is null
            && !new PartCombiner<TDocument>(Name).CanCombine)
            throw new ReadModelShardException(
                Name, typeof(TDocument), "events of streams in several shards may change the same document.");
        var type = typeof(IReadModel<TKey, TDocument>);
        services.TryAdd(ServiceDescriptor.Singleton(type, provider => Create(provider)));
        services.TryAdd(ServiceDescriptor.KeyedSingleton(type, Name, (provider, _) => Create(provider)));

        object Create(IServiceProvider provider) => new ShardedReadModel<TKey, TDocument>(this, shards(provider));
    }
}

/// <summary>A member of a document by which queries filter and sort.</summary>
/// <param name="Name">The name, in camel case.</param>
/// <param name="Kind">The kind of the values.</param>
/// <param name="Get">Returns the value of the member.</param>
public sealed record DocumentField<TDocument>(string Name, FieldKind Kind, Func<TDocument, FieldValue> Get)
{
    /// <summary>
    /// Gets the function that parses the text of a value, such as a text from a query string. It returns null for an
    /// invalid text. By default, texts are unchanged, and numbers are parsed in the invariant form.
    /// </summary>
    public Func<string, FieldValue?>? Parse { get; init; }
}
