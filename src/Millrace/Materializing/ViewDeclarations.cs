using System.Text.Json.Serialization.Metadata;

namespace Millrace.Materializing;

/// <summary>The views that an application declares.</summary>
internal sealed class ViewDeclarations
{
    private readonly List<ViewComputation> _all = [];

    public IReadOnlyList<ViewComputation> All => _all;

    /// <exception cref="ViewDeclarationException">The view cannot be used, or its name is taken.</exception>
    public void Add<TKey, TRow>(ViewDeclaration<TKey, TRow> view, JsonTypeInfo<TRow> json)
        where TKey : notnull
        where TRow : class
    {
        if (_all.Exists(known => known.Name == view.Name))
            throw new ViewDeclarationException(view.Name, "two views have this name. Give one of them another.");
        _all.Add(ViewComputation<TKey, TRow>.Create(view, json));
    }
}
