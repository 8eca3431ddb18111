using System.Text.Json.Serialization.Metadata;
using Millrace.Materializing.Immediate;

namespace Millrace.Materializing;

/// <summary>The views that an application declares.</summary>
internal sealed class ViewDeclarations
{
    private readonly List<ViewComputation> _all = [];
    private readonly List<ImmediateComputation> _immediate = [];

    public IReadOnlyList<ViewComputation> All => _all;

    public IReadOnlyList<ImmediateComputation> Immediate => _immediate;

    /// <exception cref="ViewDeclarationException">The view cannot be used, or its name is taken.</exception>
    public void Add<TKey, TRow>(ViewDeclaration<TKey, TRow> view, JsonTypeInfo<TRow> json)
        where TKey : notnull
        where TRow : class
    {
        RequireNew(view.Name);
        _all.Add(ViewComputation<TKey, TRow>.Create(view, json));
    }

    /// <inheritdoc cref="Add{TKey, TRow}(ViewDeclaration{TKey, TRow}, JsonTypeInfo{TRow})"/>
    public void Add<TKey, TRow>(ImmediateView<TKey, TRow> view, JsonTypeInfo<TRow> json)
        where TKey : notnull
        where TRow : class
    {
        RequireNew(view.Name);
        _immediate.Add(view.Create(json));
    }

    private void RequireNew(string name)
    {
        if (_all.Exists(known => known.Name == name) || _immediate.Exists(known => known.Name == name))
            throw new ViewDeclarationException(name, "two views have this name. Give one of them another.");
    }
}
