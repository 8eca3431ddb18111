using System.Collections.Concurrent;
using System.Reflection;

namespace Millrace.Testing;

/// <summary>A model as specifications need it: how its events and documents are stored. Kept, so that each is built once.</summary>
internal sealed class SpecifiedModel
{
    private static readonly ConcurrentDictionary<Assembly, SpecifiedModel?> OfAssemblies = new();

    private SpecifiedModel(ModelCatalog catalog)
    {
        Catalog = catalog;
        Serializer = new EventSerializer(Catalog.EventTypes, new EventLimits());
    }

    public ModelCatalog Catalog { get; }

    public EventSerializer Serializer { get; }

    /// <summary>A model that is named.</summary>
    public static SpecifiedModel Of<TModel>()
        where TModel : IModel => Kept<TModel>.Model;

    /// <summary>The model of a host.</summary>
    public static SpecifiedModel Of(ModelCatalog catalog) => new(catalog);

    /// <summary>The model of an assembly; null when it says that it has none.</summary>
    public static SpecifiedModel? In(Assembly assembly) => OfAssemblies.GetOrAdd(assembly, Find);

    private static SpecifiedModel? Find(Assembly assembly)
    {
        var model = new ModelBuilder();
        var hasModel = false;
        foreach (var found in assembly.GetCustomAttributes<AssemblyModelAttribute>())
        {
            found.Register(model);
            hasModel = true;
        }
        return hasModel ? new SpecifiedModel(model.BuildCatalog()) : null;
    }

    private static class Kept<TModel>
        where TModel : IModel
    {
        public static readonly SpecifiedModel Model = Create();

        private static SpecifiedModel Create()
        {
            var model = new ModelBuilder();
            TModel.Register(model);
            return new SpecifiedModel(model.BuildCatalog());
        }
    }
}
