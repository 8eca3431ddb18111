using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Hosting;

namespace Millrace;

/// <summary>Adds materialized views.</summary>
public static class MillraceViewExtensions
{
    /// <summary>
    /// Adds a materialized view. Its rows are read through <see cref="IMaterializedView{TKey, TRow}"/>, and operators
    /// see it in <see cref="MaterializedViews"/>.
    /// </summary>
    /// <param name="millrace">The application.</param>
    /// <param name="view">The view.</param>
    /// <param name="json">The JSON metadata of the rows.</param>
    /// <remarks>If several views have the same types of keys and rows, request the reader with the name of the view as
    /// the service key.</remarks>
    /// <exception cref="ViewDeclarationException">The view cannot be used, or its name is taken.</exception>
    public static MillraceBuilder AddView<TKey, TRow>(
        this MillraceBuilder millrace, ViewDeclaration<TKey, TRow> view, JsonTypeInfo<TRow> json)
        where TKey : notnull
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(json);
        ViewRegistration.GetOrAdd(millrace.Services).Add(view, json);
        return AddReader<TKey, TRow>(millrace, view.Name);
    }

    /// <summary>
    /// Adds a materialized view whose rows change in the commits that change the documents of a read model.
    /// </summary>
    /// <inheritdoc cref="AddView{TKey, TRow}(MillraceBuilder, ViewDeclaration{TKey, TRow}, JsonTypeInfo{TRow})"/>
    public static MillraceBuilder AddView<TKey, TRow>(
        this MillraceBuilder millrace, ImmediateView<TKey, TRow> view, JsonTypeInfo<TRow> json)
        where TKey : notnull
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(json);
        ViewRegistration.GetOrAdd(millrace.Services).Add(view, json);
        return AddReader<TKey, TRow>(millrace, view.Name);
    }

    private static MillraceBuilder AddReader<TKey, TRow>(MillraceBuilder millrace, string name)
        where TKey : notnull
        where TRow : class
    {
        millrace.Services.AddTransient(provider =>
            provider.GetRequiredService<MaterializedViews>().Reader<TKey, TRow>(name));
        millrace.Services.AddKeyedTransient(
            name, (provider, _) => provider.GetRequiredService<MaterializedViews>().Reader<TKey, TRow>(name));
        return millrace;
    }
}
