using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>The arrows between the folders of src/Millrace: a folder uses its own layer and those below it.</summary>
public sealed class LayerTests
{
    // From the bottom up. A row knows the rows below it, and nothing of its neighbours unless a pair is named here.
    private static readonly string[][] Layers =
    [
        [""],
        ["Serialization"],
        ["Events", "Streams", "Evolution"],
        ["Storage"],
        ["Store", "Security"],
        ["Resilience", "Monitoring"],
        ["Consumers", "Locking", "Discovery"],
        ["Aggregates"],
        ["Commands"],
        ["Projections", "Queries"],
        ["Messaging"],
        ["Scheduling"],
        ["Processes"],
        ["Model"],
        ["DeadLetters", "Explanations"],
        ["Tenants"],
        ["Hosting"],
    ];

    // Events lie in streams, streams are made of events, and old events become new ones: one vocabulary in three rooms.
    private static readonly (string From, string To)[] Neighbours =
    [
        ("Events", "Streams"),
        ("Streams", "Events"),
        ("Events", "Evolution"),
        ("Evolution", "Events"),
        ("Evolution", "Streams"),
    ];

    // Source that several packages compile: the layer in which Millrace has it.
    private static readonly Dictionary<string, string> SharedSource = new()
    {
        ["Comparisons"] = "Projections",
        ["Naming"] = "Events",
        ["Settings"] = "Hosting",
    };

    [Fact]
    public void Arrows_between_folders_point_down()
    {
        string[] folders = ["src/Millrace", .. SharedSource.Keys.Select(folder => "src/Shared/" + folder)];
        var files = RepositoryFiles.Sources(folders).ToList();
        var compilation = CSharpCompilation.Create(
            "Millrace",
            files.Select(path => RepositoryFiles.Syntax(path).SyntaxTree),
            PlatformReferences.WithoutMillrace);

        Findings.AssertNone(
            "Inside Millrace: " + string.Join(" → ", Layers.Reverse().Select(layer => string.Join(", ", layer))),
            Arrows(compilation).Where(arrow => !IsAllowed(arrow.From, arrow.To))
                .Select(arrow => $"{arrow.From} → {arrow.To}: {arrow.Where}").Distinct());
    }

    [Fact]
    public void Every_folder_has_its_place()
        => Findings.AssertNone(
            "A new folder of src/Millrace is given its layer in LayerTests and in docs/architecture.md.",
            RepositoryFiles.Sources("src/Millrace").Select(Folder).Distinct().Where(folder => LayerOf(folder) < 0));

    private static IEnumerable<(string From, string To, string Where)> Arrows(CSharpCompilation compilation) =>
        from tree in compilation.SyntaxTrees
        let model = compilation.GetSemanticModel(tree)
        let folder = Folder(tree.FilePath)
        from name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
        let type = TypeOf(model.GetSymbolInfo(name).Symbol)
        where type is not null
        from declaration in type.DeclaringSyntaxReferences.Take(1)
        let target = Folder(declaration.SyntaxTree.FilePath)
        where target != folder
        select (
            folder,
            target,
            $"{tree.FilePath}:{name.GetLocation().GetLineSpan().StartLinePosition.Line + 1} uses {type.Name}");

    private static INamedTypeSymbol? TypeOf(ISymbol? symbol) => symbol switch
    {
        INamedTypeSymbol type => type.OriginalDefinition,
        IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.ReducedExtension } method
            => method.ContainingType.OriginalDefinition,
        { IsStatic: true, ContainingType: { } type } => type.OriginalDefinition,
        _ => null,
    };

    private static bool IsAllowed(string from, string to)
        => LayerOf(to) < LayerOf(from) || Neighbours.Contains((from, to));

    private static int LayerOf(string folder) => Array.FindIndex(Layers, layer => layer.Contains(folder));

    private static string Folder(string path)
    {
        var parts = path.Split('/');
        return parts is [_, "Shared", var shared, ..] ? SharedSource[shared] : parts.Length > 3 ? parts[2] : "";
    }
}
