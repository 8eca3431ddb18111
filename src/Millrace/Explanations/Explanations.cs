namespace Millrace;

/// <summary>
/// Explains values: which rule, event, command, user and build gave a member of a document or of an aggregate its value, and the values
/// before. Found by replaying that key alone; nothing is written. Safe to use from several threads.
/// </summary>
public sealed class Explanations
{
    private const int MostReadings = 16;

    private readonly EventStore _store;
    private readonly ReadModelExplainer _documents;
    private readonly AggregateExplainer _aggregates;
    private readonly ModelCatalog _model;

    internal Explanations(ConsumerHost host, ModelCatalog model)
    {
        (_store, _model) = (host.Store, model);
        (_documents, _aggregates) = (new ReadModelExplainer(host, model), new AggregateExplainer(host.Store, model));
    }

    /// <summary>Explains the values of a store, for tools that run no consumers themselves.</summary>
    /// <param name="store">The store, opened with the model's event types.</param>
    /// <param name="model">The application's model.</param>
    public static Explanations Of(EventStore store, ModelCatalog model)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(model);
        return new Explanations(ConsumerHost.Idle(store), model);
    }

    /// <summary>
    /// Explains what a path names: <c>daily-sales/2011-12-05.total</c> of a read model, <c>order-42.lines[0].price</c> of an aggregate; all
    /// of it without a member. Keys may hold dots: the longest key that there is, is meant.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="options">How much to tell; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NothingToExplainException">There is no such read model, aggregate or member.</exception>
    /// <exception cref="InvalidNameException">It is no path.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public async Task<Explanation> Explain(
        string path, ExplanationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ExplanationOptions();
        options.Check();
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && slash < path.Length - 1
            && await _documents.Find(path[..slash], cancellationToken).ConfigureAwait(false) is { } definition)
        {
            return await _documents.Explain(definition, ReadingsOf(path[(slash + 1)..]), options, cancellationToken).ConfigureAwait(false);
        }
        if (await _aggregates.Find(ReadingsOf(path), cancellationToken).ConfigureAwait(false) is ({ } stream, var member))
            return await _aggregates.Explain(stream, member, options, cancellationToken).ConfigureAwait(false);
        throw slash > 0 ? NoReadModel(path[..slash]) : NoSubject(path);
    }

    /// <summary>Explains a member of a document, or all of it.</summary>
    /// <param name="readModel">The read model's name; with a version, <c>daily-sales@2</c>, where the model has several.</param>
    /// <param name="key">The document's key, as text.</param>
    /// <param name="member">The member, <c>lines[2].price</c>; null for the whole document.</param>
    /// <param name="options">How much to tell; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NothingToExplainException">There is no such read model or member.</exception>
    /// <exception cref="InvalidNameException">It is no path of a member.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public async Task<Explanation> ExplainDocument(
        string readModel,
        string key,
        string? member = null,
        ExplanationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(readModel);
        ArgumentNullException.ThrowIfNull(key);
        options ??= new ExplanationOptions();
        options.Check();
        var path = member is null ? null : MemberPath.Parse(member);
        var definition = await _documents.Find(readModel, cancellationToken).ConfigureAwait(false) ?? throw NoReadModel(readModel);
        return await _documents.Explain(definition, [(key, path)], options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Explains a member of an aggregate's state, or all of it.</summary>
    /// <param name="stream">The aggregate's stream.</param>
    /// <param name="member">The member, <c>lines[2].price</c>; null for the whole state.</param>
    /// <param name="options">How much to tell; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NothingToExplainException">No aggregate has such streams, or its state no such member.</exception>
    /// <exception cref="InvalidNameException">It is no path of a member.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Task<Explanation> ExplainAggregate(
        StreamId stream, string? member = null, ExplanationOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ExplanationOptions();
        options.Check();
        return _aggregates.Explain(stream, member is null ? null : MemberPath.Parse(member), options, cancellationToken);
    }

    /// <summary>The ways in which a text can be a key and a member, the longest key first.</summary>
    private static List<(string Key, MemberPath? Member)> ReadingsOf(string text)
    {
        var readings = new List<(string Key, MemberPath? Member)> { (text, null) };
        for (var dot = text.LastIndexOf('.'); dot > 0 && readings.Count < MostReadings; dot = text.LastIndexOf('.', dot - 1))
        {
            if (MemberPath.TryParse(text[(dot + 1)..]) is { } member)
                readings.Add((text[..dot], member));
        }
        return readings;
    }

    private NothingToExplainException NoReadModel(string name) => new(
        $"The model has no read model '{name}'.",
        name,
        [.. _model.Projections.Select(one => one.Name).Distinct().Order(StringComparer.Ordinal)]);

    private NothingToExplainException NoSubject(string path) => new(
        $"'{path}' names neither a document, as in read-model/key.member, nor an aggregate of the model, as in category-id.member.",
        path,
        [.. _model.Projections.Select(one => one.Name + "/…").Concat(_model.Aggregates.Select(one => one.Category + "-…")).Distinct()]);
}
