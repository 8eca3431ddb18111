using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>Checks that a part of src/Millrace uses only its own layer and lower layers.</summary>
/// <remarks>
/// An internal type belongs to the part that its namespace names, and a public type to its folder, since most public
/// types are in the namespace Millrace.
/// </remarks>
public sealed class LayerTests
{
    // From the bottom up. A part may use the lower rows, and a part of the same row only if a pair is listed below.
    private static readonly string[][] Layers =
    [
        [""],
        ["Serialization", "Anomalies"],
        ["Events", "Streams", "Evolution"],
        ["Storage"],
        ["Protection"],
        ["Store"],
        ["Resilience", "Monitoring", "Security"],
        ["Consuming", "Locking", "Discovery"],
        ["Archiving", "Auditing", "Metrics"],
        ["Alerting", "Scaling"],
        ["Aggregates"],
        ["Commands"],
        ["Projecting", "Queries"],
        ["Business"],
        ["Messaging", "Tuning"],
        ["Scheduling"],
        ["ProcessManagers"],
        ["Model"],
        ["DeadLettering", "Explaining", "Erasing", "KeyManagement", "Planning", "Materializing"],
        ["Backups", "Retention"],
        ["Recovering"],
        ["Reporting"],
        ["Sharding"],
        ["Tenancy"],
        ["Hosting"],
    ];

    // Streams contain events, and evolution converts events. These three parts use each other.
    private static readonly (string From, string To)[] Neighbours =
    [
        ("Events", "Streams"),
        ("Streams", "Events"),
        ("Events", "Evolution"),
        ("Evolution", "Events"),
        ("Evolution", "Streams"),
    ];

    // Source files that several packages compile, with their layer in Millrace.
    private static readonly Dictionary<string, string> SharedSource = new()
    {
        ["CloudEvents"] = "Retention",
        ["Comparisons"] = "Projecting",
        ["Files"] = "Storage",
        ["Naming"] = "Events",
        ["Settings"] = "Hosting",
    };

    // Parts that use the internal types of a subfolder of another part. The list only shrinks.
    private static readonly (string From, string To)[] AllowedInternalUses =
    [
        ("Archiving", "Storage/Archives"),
        ("Archiving", "Storage/Moves"),
        ("Auditing", "Consuming/Retries"),
        ("Backups", "Consuming/Retries"),
        ("Backups", "Storage/Archives"),
        ("Backups", "Storage/Moves"),
        ("DeadLettering", "Consuming/Retries"),
        ("Explaining", "Projecting/Replays"),
        ("Hosting", "Messaging/Bodies"),
        ("Hosting", "Messaging/Receiving"),
        ("Hosting", "Messaging/Requesting"),
        ("Hosting", "Storage/Archives"),
        ("Hosting", "Storage/Caching"),
        ("Hosting", "Storage/Moves"),
        ("Hosting", "Tenancy/Sharded"),
        ("Hosting", "Tenancy/Shared"),
        ("Messaging", "Consuming/Partitions"),
        ("Messaging", "Consuming/Retries"),
        ("Model", "Messaging/Requesting"),
        ("ProcessManagers", "Consuming/Retries"),
        ("ProcessManagers", "Messaging/Requesting"),
        ("Projecting", "Consuming/Partitions"),
        ("Projecting", "Consuming/Retries"),
        ("Store", "Storage/Archives"),
        ("Store", "Storage/Caching"),
        ("Store", "Storage/Moves"),
    ];

    private static readonly Lazy<IReadOnlyList<Arrow>> AllArrows = new(() => [.. Arrows(Compile())]);

    [Fact]
    public void Arrows_between_parts_point_down()
        => Findings.AssertNone(
            "Inside Millrace: " + string.Join(" → ", Layers.Reverse().Select(layer => string.Join(", ", layer))),
            AllArrows.Value.Where(arrow => arrow.From != Part(arrow.To) && !IsAllowed(arrow.From, Part(arrow.To)))
                .Select(arrow => $"{arrow.From} → {Part(arrow.To)}: {arrow.Where}").Distinct());

    [Fact]
    public void Every_part_has_its_layer()
        => Findings.AssertNone(
            "A new folder of src/Millrace is given its layer in LayerTests and in docs/architecture.md.",
            RepositoryFiles.Sources("src/Millrace").Select(path => Part(Folder(path))).Distinct()
                .Where(part => LayerOf(part) < 0));

    [Fact]
    public void Internal_types_of_a_subfolder_are_used_only_in_its_part()
        => Findings.AssertNone(
            "The internal types of a subfolder are used only by the part that it belongs to.",
            from arrow in ArrowsToInternals()
            where !AllowedInternalUses.Contains((arrow.From, arrow.To))
            select $"{arrow.From} → {arrow.To}: {arrow.Where}");

    [Fact]
    public void Allowed_views_into_subfolders_are_used()
        => Findings.AssertNone(
            "Remove the pair from AllowedInternalUses: nothing needs it.",
            AllowedInternalUses.Except(ArrowsToInternals().Select(arrow => (arrow.From, arrow.To)))
                .Select(pair => $"{pair.From} → {pair.To}"));

    private static IEnumerable<Arrow> ArrowsToInternals()
        => AllArrows.Value.Where(arrow => arrow.IsInternal && arrow.To.Contains('/') && arrow.From != Part(arrow.To));

    private static CSharpCompilation Compile()
    {
        string[] folders = ["src/Millrace", .. SharedSource.Keys.Select(folder => "src/Shared/" + folder)];
        return CSharpCompilation.Create(
            "Millrace",
            RepositoryFiles.Sources(folders).Select(path => RepositoryFiles.Syntax(path).SyntaxTree),
            PlatformReferences.WithoutMillrace);
    }

    private static IEnumerable<Arrow> Arrows(CSharpCompilation compilation) =>
        from tree in compilation.SyntaxTrees
        let model = compilation.GetSemanticModel(tree)
        let part = Part(FolderOfFile(model, tree))
        from name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
        let type = TypeOf(model.GetSymbolInfo(name).Symbol)
        where type is not null
        let outermost = Outermost(type)
        where outermost.DeclaringSyntaxReferences.Length > 0
        let target = FolderOf(outermost)
        where target != part
        select new Arrow(
            part,
            target,
            outermost.DeclaredAccessibility != Accessibility.Public,
            $"{tree.FilePath}:{name.GetLocation().GetLineSpan().StartLinePosition.Line + 1} uses {type.Name}");

    private static INamedTypeSymbol? TypeOf(ISymbol? symbol) => symbol switch
    {
        INamedTypeSymbol type => type.OriginalDefinition,
        IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.ReducedExtension } method
            => method.ContainingType.OriginalDefinition,
        { IsStatic: true, ContainingType: { } type } => type.OriginalDefinition,
        _ => null,
    };

    private static INamedTypeSymbol Outermost(INamedTypeSymbol type)
        => type.ContainingType is { } container ? Outermost(container.OriginalDefinition) : type;

    private static string FolderOfFile(SemanticModel model, SyntaxTree tree)
    {
        var first = tree.GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>().FirstOrDefault();
        return first is null ? Folder(tree.FilePath) : FolderOf(model.GetDeclaredSymbol(first)!);
    }

    // The namespace of an internal type, as a folder. A companion of a public type has the namespace of that type.
    private static string FolderOf(INamedTypeSymbol type)
    {
        var parts = type.ContainingNamespace.ToDisplayString().Split('.');
        return type.DeclaredAccessibility == Accessibility.Public || parts is not ["Millrace", _, ..]
            ? Folder(type.DeclaringSyntaxReferences[0].SyntaxTree.FilePath)
            : parts is [_, "Shared", var shared, ..] ? SharedSource[shared] : string.Join('/', parts[1..]);
    }

    private static bool IsAllowed(string from, string to)
        => LayerOf(to) < LayerOf(from) || Neighbours.Contains((from, to));

    private static int LayerOf(string part) => Array.FindIndex(Layers, layer => layer.Contains(part));

    private static string Part(string folder) => folder.Split('/')[0];

    private static string Folder(string path)
    {
        var parts = path.Split('/');
        return parts is [_, "Shared", var shared, ..] ? SharedSource[shared] : string.Join('/', parts[2..^1]);
    }

    private sealed record Arrow(string From, string To, bool IsInternal, string Where);
}
