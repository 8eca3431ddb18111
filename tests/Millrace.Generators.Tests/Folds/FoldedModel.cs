using System.Runtime.Loader;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Tests.Folds;

/// <summary>
/// Compiles assemblies, each with references to the previous ones and with its generated code, and loads them.
/// </summary>
internal sealed class FoldedModel : IDisposable
{
    private readonly AssemblyLoadContext _context = new("Folds", isCollectible: true);
    private readonly List<System.Reflection.Assembly> _assemblies = [];
    private readonly List<string> _refusals = [];

    public IReadOnlyList<string> Refusals => _refusals;

    public ModelCatalog Catalog
    {
        get
        {
            var builder = new ModelBuilder();
            Type("Sample").GetMethod("Register")!.Invoke(null, [builder]);
            return builder.BuildCatalog();
        }
    }

    public static FoldedModel Of(IReadOnlyList<string> sources)
    {
        var model = new FoldedModel();
        var references = new List<MetadataReference>();
        for (var index = 0; index < sources.Count; index++)
        {
            var compilation = GeneratorRunner
                .Compile(sources[index])
                .WithAssemblyName($"Part{index}")
                .AddReferences(references);
            GeneratorRunner.Driver().RunGeneratorsAndUpdateCompilation(compilation, out var filled, out var reported);
            var errors = reported.Where(found => found.Severity == DiagnosticSeverity.Error).ToList();
            if (errors.Count == 0)
                errors = [.. filled.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error)];
            model._refusals.AddRange(errors.Select(error => $"{error.Id}: {error}"));
            if (errors.Count > 0)
                return model;
            using var image = new MemoryStream();
            Assert.True(filled.Emit(image).Success);
            references.Add(MetadataReference.CreateFromImage(image.ToArray()));
            image.Position = 0;
            model._assemblies.Add(model._context.LoadFromStream(image));
        }
        return model;
    }

    /// <summary>Folds an event into a new aggregate and returns its total.</summary>
    public int Fold(string aggregate, string type, int amount)
    {
        var instance = (Aggregate)Activator.CreateInstance(Type(aggregate))!;
        instance.Load(Activator.CreateInstance(Type(type), amount)!, 1);
        return (int)Type(aggregate).GetField("Total")!.GetValue(instance)!;
    }

    public void Dispose() => _context.Unload();

    private Type Type(string name) =>
        _assemblies.Select(assembly => assembly.GetType(name)).First(type => type is not null)!;
}
