using Millrace.Shared.Settings;

namespace Millrace.Sql;

/// <summary>The views of a store, by name. Names are compared without case, as the engine does.</summary>
internal sealed class ViewCatalog
{
    public const string Events = "events";
    public const string Consumers = "consumers";
    public const string DeadLetters = "dead_letters";
    public const string Views = "views";

    private const int HashCharacters = 8;

    private readonly SortedDictionary<string, SqlView> _views = new(StringComparer.OrdinalIgnoreCase);

    // The views with hashes, by the name without a hash.
    private readonly Dictionary<string, string[]> _ambiguous = new(StringComparer.OrdinalIgnoreCase);

    private ViewCatalog(IReadOnlyList<string> types, IReadOnlyList<(string Name, string Collection)> models)
    {
        foreach (var view in (SqlView[])[
            new(Events, SqlViewKind.Events, ""), new(Consumers, SqlViewKind.Consumers, ""),
            new(DeadLetters, SqlViewKind.DeadLetters, ""), new(Views, SqlViewKind.Views, "")])
            _views.Add(view.Name, view);
        AddAll("event_", SqlViewKind.EventType, [.. types.Select(static type => (type, type))]);
        AddAll("model_", SqlViewKind.ReadModel, models);
    }

    public IReadOnlyCollection<SqlView> All => _views.Values;

    /// <summary>
    /// Reads the views of a store. A declared view without data has no rows, and a declared read model without a
    /// collection has its name as the source.
    /// </summary>
    public static async ValueTask<ViewCatalog> Read(
        SqlSource source, IReadOnlyList<SqlDeclaredView> declared, CancellationToken cancellationToken)
    {
        var types = await source.ListEventTypes(cancellationToken).ConfigureAwait(false);
        var models = await source.ListReadModels(cancellationToken).ConfigureAwait(false);
        var newTypes = SourcesOf(declared, SqlViewKind.EventType).Except(types, StringComparer.Ordinal);
        var newModels = SourcesOf(declared, SqlViewKind.ReadModel)
            .Except(models.Select(static model => model.Name), StringComparer.Ordinal);
        return new ViewCatalog([.. types, .. newTypes], [.. models, .. newModels.Select(static name => (name, name))]);
    }

    private static IEnumerable<string> SourcesOf(IReadOnlyList<SqlDeclaredView> declared, SqlViewKind kind) =>
        declared.Where(view => view.Kind == kind).Select(static view => view.Source);

    /// <summary>Returns the catalog of a store with these event types and read models.</summary>
    public static ViewCatalog Of(
        IReadOnlyList<string> types, IReadOnlyList<(string Name, string Collection)> models) => new(types, models);

    public SqlView? Find(string name) => _views.GetValueOrDefault(name);

    /// <summary>Returns whether the columns and the existence of a view do not depend on the data of the store, and its
    /// rows neither name views nor depend on other views.</summary>
    public static bool IsFixed(string name) =>
        ((string[])[Events, Consumers, DeadLetters]).Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the message for a name that is not a view.</summary>
    public string Unknown(string name)
    {
        if (_ambiguous.TryGetValue(name, out var views))
            return $"The view '{name}' is ambiguous. Name one of '{string.Join("', '", views)}'.";
        var similar = NameSuggestions.To(name, All.Select(static view => view.Name));
        var hint = similar is null ? "" : $" Did you mean '{similar}'?";
        return $"There is no view '{name}'.{hint} 'SELECT * FROM views' lists all views.";
    }

    /// <summary>Adds views. Stored names with the same simple name all get a hash, so that no name changes its
    /// meaning silently.</summary>
    private void AddAll(string prefix, SqlViewKind kind, IReadOnlyList<(string Name, string Source)> stored)
    {
        var groups = stored
            .GroupBy(one => prefix + SqlNames.Simplify(one.Name), StringComparer.Ordinal)
            .ToArray();
        foreach (var group in groups.Where(static group => group.Count() == 1))
        {
            foreach (var (_, source) in group)
                _views.Add(group.Key, new(group.Key, kind, source));
        }
        foreach (var group in groups.Where(static group => group.Count() > 1))
        {
            var names = new List<string>();
            foreach (var (name, source) in group.OrderBy(static one => one.Name, StringComparer.Ordinal))
            {
                names.Add(FreeName(group.Key, name));
                _views.Add(names[^1], new(names[^1], kind, source));
            }
            _ambiguous[group.Key] = [.. names];
        }
    }

    /// <summary>Returns a name with as much of the hash as makes it free.</summary>
    private string FreeName(string simple, string name)
    {
        var hash = SqlNames.HashOf(name);
        var length = HashCharacters;
        while (_views.ContainsKey($"{simple}_{hash[..length]}"))
            length++;
        return $"{simple}_{hash[..length]}";
    }
}
