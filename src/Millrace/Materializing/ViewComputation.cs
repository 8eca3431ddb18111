using System.Text.Json.Serialization.Metadata;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>A declared view, independent of the types of its keys and rows.</summary>
internal abstract class ViewComputation
{
    private const string Prefix = "mv-";

    public required string Name { get; init; }

    public required int Version { get; init; }

    public required ViewRefresh Refresh { get; init; }

    public required bool DependsOnTime { get; init; }

    /// <summary>Gets the hash of the declaration, with the members of the rows.</summary>
    public required string Declaration { get; init; }

    /// <summary>Gets the fields of the collection.</summary>
    public required IReadOnlyList<FieldDefinition> Columns { get; init; }

    /// <summary>Gets the key of the state.</summary>
    public string Key => ViewRecord.KeyOf(Name, Version, Declaration);

    /// <summary>Gets the start of the names of its collections, under which its queries are counted.</summary>
    public string ShapeName => CollectionNameOf(Name);

    /// <summary>Returns the name of the collection of a build.</summary>
    public string CollectionOf(long build) => CollectionName.Of(CollectionNameOf(Name), Version, build);

    /// <summary>Returns the start of the names of a view's collections.</summary>
    public static string CollectionNameOf(string view) => Prefix + view;

    /// <summary>Gets whether the query is a SQL statement.</summary>
    public required bool IsSql { get; init; }

    /// <summary>Checks what depends on the store.</summary>
    /// <exception cref="ViewDeclarationException">The view cannot be used.</exception>
    public abstract ValueTask Check(SqlViewReader? sql, CancellationToken cancellationToken);

    /// <summary>Computes the rows as changes of an empty collection.</summary>
    public abstract IAsyncEnumerable<DocumentChange> Compute(
        ViewSource source, string collection, CancellationToken cancellationToken);
}

/// <inheritdoc/>
internal sealed class ViewComputation<TKey, TRow> : ViewComputation
    where TKey : notnull
    where TRow : class
{
    private readonly ViewDeclaration<TKey, TRow> _view;
    private readonly JsonTypeInfo<TRow> _json;

    private ViewComputation(
        ViewDeclaration<TKey, TRow> view, JsonTypeInfo<TRow> json, IReadOnlyList<DocumentField<TRow>> fields)
    {
        (_view, _json) = (view, json);
        Format = new ViewRowFormat<TRow>(view.Name, view.Version, json, fields);
    }

    public ViewRowFormat<TRow> Format { get; }

    /// <exception cref="ViewDeclarationException">The view cannot be used.</exception>
    public static ViewComputation<TKey, TRow> Create(ViewDeclaration<TKey, TRow> view, JsonTypeInfo<TRow> json)
    {
        var refresh = view.Refresh;
        if (refresh.Problems().ToArray() is { Length: > 0 } problems)
            throw new ViewDeclarationException(view.Name, $"its policy is not valid. {string.Join(" ", problems)}");
        var fields = RowShape.FieldsOf(view.Name, view.Fields, json);
        var shape = RowShape.HashOf(fields, json, typeof(TKey));
        return new ViewComputation<TKey, TRow>(view, json, fields)
        {
            Name = view.Name,
            Version = view.Version,
            Refresh = refresh,
            DependsOnTime = view.DependsOnTime,
            IsSql = view.IsSql,
            Declaration = RowShape.HashOf([shape, view.GetType().FullName ?? "", view.Text]),
            Columns = [.. fields.Select(field => new FieldDefinition(field.Name, field.Kind))],
        };
    }

    public override ValueTask Check(SqlViewReader? sql, CancellationToken cancellationToken) =>
        _view.Check(sql, _json, cancellationToken);

    public override async IAsyncEnumerable<DocumentChange> Compute(
        ViewSource source,
        string collection,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in _view.Compute(source, _json, cancellationToken).ConfigureAwait(false))
        {
            var key = KeyText.RequireDocumentKey(KeyText.Of(
                _view.Key(row) ?? throw new ViewDeclarationException(Name, "one of its rows has no key.")));
            if (!keys.Add(key))
                throw new ViewDeclarationException(Name, $"two of its rows have the key '{key}'.");
            yield return new DocumentChange
            {
                Collection = collection,
                Key = key,
                IsKnownNew = true,
                Body = Format.Write(row),
                Fields = Format.Fields(row),
                Position = Math.Max(1, source.Position),
            };
        }
    }
}
