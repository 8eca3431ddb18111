using System.Reflection;

namespace Millrace.Cli.Builds;

/// <summary>
/// The models of a built application. The tool loads the assembly and lets each model register its types.
/// </summary>
/// <remarks>The tool starts neither the host nor the store of the application.</remarks>
internal sealed class ModelBuild
{
    private readonly Assembly _entry;

    private ModelBuild(
        string file, Assembly entry, IReadOnlyList<Type> models, ModelBuilder model, TableProjections tables)
    {
        (File, Models, Model, Catalog) = (file, models, model, model.BuildCatalog());
        (_entry, Tables, MissingTables) = (entry, tables.Created, tables.Unavailable);
    }

    /// <summary>Gets the path of the loaded assembly.</summary>
    public string File { get; }

    /// <summary>Gets the model classes in the assembly and in the assemblies that it uses.</summary>
    public IReadOnlyList<Type> Models { get; }

    /// <summary>Gets the paths of the assemblies that contain the models.</summary>
    public IEnumerable<string> ModelFiles =>
        Models.Select(type => type.Assembly.Location).Distinct(StringComparer.Ordinal);

    /// <summary>Gets the registrations of the models.</summary>
    public ModelBuilder Model { get; }

    /// <summary>Gets the catalog that is built from the registrations.</summary>
    public ModelCatalog Catalog { get; }

    /// <summary>
    /// Gets the projections into the application's tables that the tool can create without the application.
    /// </summary>
    public IReadOnlyList<SqlProjection> Tables { get; }

    /// <summary>Gets the names of the projection classes that the tool cannot create.</summary>
    public IReadOnlyList<string> MissingTables { get; }

    /// <summary>
    /// Gets the contracts of the models in the assembly. If the assembly contains no model, gets the contracts of all
    /// models that it uses.
    /// </summary>
    public IReadOnlyList<string> Contracts
    {
        get
        {
            var contracts = Models
                .Where(type => type.Assembly == _entry)
                .Select(type =>
                    type.GetField("EventsContract", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue())
                .OfType<string>()
                .ToList();
            return contracts.Count > 0 ? contracts : Catalog.EventContracts;
        }
    }

    /// <summary>Loads a build.</summary>
    /// <param name="path">An assembly, or a folder that contains one application.</param>
    /// <exception cref="CliException">There is no build, it has no model, or it was built with another version of
    /// Millrace.</exception>
    public static ModelBuild Load(string path)
    {
        var file = BuildFile.Find(path);
        var context = new BuildLoadContext(file);
        var entry = context.LoadEntry();
        var assemblies = MillraceAssemblies(entry, context).ToList();
        var models = assemblies.SelectMany(ModelsOf).OrderBy(type => type.FullName, StringComparer.Ordinal).ToList();
        if (models.Count == 0)
        {
            throw new CliException(
                ExitCode.NotFound,
                $"'{file}' has no model: no class in it implements IModel.",
                "Mark a partial class with [Model] in that project, or specify the assembly that contains it with "
                    + "--build.");
        }
        var model = new ModelBuilder();
        foreach (var type in models)
            Register(type, model, file);
        try
        {
            return new ModelBuild(file, entry, models, model, TableProjections.Of(assemblies.SelectMany(TypesOf)));
        }
        catch (InvalidOperationException exception)
        {
            throw new CliException(ExitCode.Failed, $"The model in '{file}' is not valid: {exception.Message}");
        }
    }

    /// <summary>Returns the assemblies of the application that use Millrace.</summary>
    private static IEnumerable<Assembly> MillraceAssemblies(Assembly entry, BuildLoadContext context)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { entry.GetName().Name! };
        var pending = new Queue<Assembly>([entry]);
        while (pending.TryDequeue(out var assembly))
        {
            var used = assembly.GetReferencedAssemblies();
            if (used.FirstOrDefault(name => name.Name == BuildLoadContext.Core) is { } core)
            {
                BuildLoadContext.RequireSameVersion(assembly, core);
                yield return assembly;
            }
            foreach (var name in used)
            {
                if (seen.Add(name.Name!) && context.TryLoadApplicationAssembly(name) is { } dependency)
                    pending.Enqueue(dependency);
            }
        }
    }

    private static IEnumerable<Type> ModelsOf(Assembly assembly) => TypesOf(assembly).Where(
        type => type is { IsClass: true, ContainsGenericParameters: false } && typeof(IModel).IsAssignableFrom(type));

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            // Types with missing dependencies cannot be models.
            return exception.Types.OfType<Type>();
        }
    }

    private static void Register(Type type, ModelBuilder model, string file)
    {
        try
        {
            typeof(ModelBuild).GetMethod(nameof(RegisterModel), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [model], null);
        }
#pragma warning disable CA1031 // Application code can throw any exception. The error contains the name of the model.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new CliException(
                ExitCode.Failed,
                $"The model {type.FullName} in '{file}' cannot be registered: {exception.Message}",
                "Rebuild the application. All its files must be in the same folder, as after 'dotnet build' or 'dotnet "
                    + "publish'."
            );
        }
    }

    private static void RegisterModel<TModel>(ModelBuilder model)
        where TModel : IModel => TModel.Register(model);
}
