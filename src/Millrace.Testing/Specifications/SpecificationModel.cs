using System.Collections.Concurrent;
using System.Reflection;
using Millrace.Events;

namespace Millrace.Testing.Specifications;

/// <summary>
/// The parts of a model that specifications use to store events and documents. Models are cached, so that each model is
/// built once.
/// </summary>
internal sealed class SpecificationModel
{
    private static readonly ConcurrentDictionary<Assembly, SpecificationModel?> OfAssemblies = new();

    private SpecificationModel(ModelCatalog catalog)
    {
        Catalog = catalog;
        Serializer = new EventSerializer(Catalog.EventTypes, new EventLimits());
    }

    public ModelCatalog Catalog { get; }

    public EventSerializer Serializer { get; }

    /// <summary>Returns a model by its type.</summary>
    public static SpecificationModel Of<TModel>()
        where TModel : IModel => CachedModel<TModel>.Model;

    /// <summary>Returns the model of a host.</summary>
    public static SpecificationModel Of(ModelCatalog catalog) => new(catalog);

    /// <summary>Returns the model of an assembly, or null if the assembly has no model.</summary>
    public static SpecificationModel? In(Assembly assembly) => OfAssemblies.GetOrAdd(assembly, Find);

    private static SpecificationModel? Find(Assembly assembly)
    {
        var model = new ModelBuilder();
        var hasModel = false;
        foreach (var found in assembly.GetCustomAttributes<AssemblyModelAttribute>())
        {
            found.Register(model);
            hasModel = true;
        }
        return hasModel ? new SpecificationModel(model.BuildCatalog()) : null;
    }

    private static class CachedModel<TModel>
        where TModel : IModel
    {
        public static readonly SpecificationModel Model = Create();

        private static SpecificationModel Create()
        {
            var model = new ModelBuilder();
            TModel.Register(model);
            return new SpecificationModel(model.BuildCatalog());
        }
    }
}
