using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Millrace.Cli.Design;
using Millrace.Cli.Design.Project;
using Millrace.Generators;

namespace Millrace.Cli.Tests;

/// <summary>
/// Compiles the project of a description in memory, with the generator, the analyzers and the usings of the SDK.
/// </summary>
internal static class DesignCompilation
{
    private static readonly CSharpParseOptions Parse = new(LanguageVersion.Latest);

    private static readonly string[] SdkUsings =
    [
        "System",
        "System.Collections.Generic",
        "System.IO",
        "System.Linq",
        "System.Net.Http",
        "System.Threading",
        "System.Threading.Tasks",
    ];

    private static readonly string[] WebSdkUsings =
    [
        "System.Net.Http.Json",
        "Microsoft.AspNetCore.Builder",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Http",
        "Microsoft.AspNetCore.Routing",
        "Microsoft.Extensions.Configuration",
        "Microsoft.Extensions.DependencyInjection",
        "Microsoft.Extensions.Hosting",
        "Microsoft.Extensions.Logging",
    ];

    // The generator and the tool are not referenced, nor is the example shop, because a design may have the same name.
    private static readonly string[] NotReferenced = ["Millrace.Generators", "Millrace.Cli", "Shop."];

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path =>
                !NotReferenced.Any(name => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal)))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
    [
        .. typeof(ModelGenerator)
            .Assembly.GetTypes()
            .Where(type => type.IsDefined(typeof(DiagnosticAnalyzerAttribute), inherit: false))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    /// <summary>
    /// Gets the names of public library types that end in Id and that a generated project sees without an explicit
    /// using.
    /// </summary>
    public static IReadOnlyList<string> IdsOfLibraries()
    {
        var libraries = CSharpCompilation.Create("Libraries", references: References);
        IEnumerable<string> seen = [.. SdkUsings, .. WebSdkUsings, "Millrace", "Millrace.Testing", "Xunit"];
        return
        [
            .. seen.SelectMany(name =>
                    name.Split('.')
                        .Aggregate(
                            libraries.GlobalNamespace,
                            (space, part) => space.GetNamespaceMembers().First(item => item.Name == part))
                        .GetTypeMembers())
                .Where(type => type is { DeclaredAccessibility: Accessibility.Public, Arity: 0 })
                .Where(type => type.Name.EndsWith("Id", StringComparison.Ordinal))
                .Select(type => type.Name)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Returns the errors and warnings of the application and of its tests. A warning fails such a build too.
    /// </summary>
    public static async Task<IReadOnlyList<string>> Problems(DesignFile design, string text)
    {
        var files = ProjectFiles.Of(DesignProposer.Propose(design), text, "0.1.0");
        var name = design.Application;
        var application = CreateCompilation(
            name,
            files,
            $"src/{name}/",
            OutputKind.ConsoleApplication,
            [.. SdkUsings, .. WebSdkUsings, "Millrace"]);
        CSharpGeneratorDriver
            .Create([new ModelGenerator().AsSourceGenerator()], parseOptions: Parse)
            .RunGeneratorsAndUpdateCompilation(application, out var generated, out var reported);
        var tests = CreateCompilation(
                name + ".Tests",
                files,
                $"tests/{name}.Tests/",
                OutputKind.DynamicallyLinkedLibrary,
                [.. SdkUsings, "Millrace", "Millrace.Testing", "Xunit", name])
            .AddReferences(generated.ToMetadataReference());
        var found = reported.AddRange(generated.GetDiagnostics()).AddRange(tests.GetDiagnostics())
            .AddRange(await generated.WithAnalyzers(Analyzers).GetAnalyzerDiagnosticsAsync(CancellationToken.None));
        return [.. found.Where(item => item.Severity >= DiagnosticSeverity.Warning).Select(item => item.ToString())];
    }

    private static CSharpCompilation CreateCompilation(
        string name,
        IReadOnlyDictionary<string, string> files,
        string folder,
        OutputKind kind,
        IEnumerable<string> usings)
    {
        var project = System.Xml.Linq.XDocument.Parse(files[$"{folder}{name}.csproj"]);
        var projectUsings = project
            .Descendants("Using")
            .Select(item =>
                item.Attribute("Alias") is { } alias
                    ? $"{alias.Value} = global::{item.Attribute("Include")!.Value}"
                    : "global::" + item.Attribute("Include")!.Value);
        var global = string.Concat(
            usings.Select(item => "global::" + item)
                .Concat(projectUsings)
                .Distinct()
                .Select(item => $"global using {item};\n"));
        var sources = files.Where(file =>
            file.Key.StartsWith(folder, StringComparison.Ordinal) && file.Key.EndsWith(".cs", StringComparison.Ordinal)
        );
        return CSharpCompilation.Create(
            name,
            sources.Select(file => CSharpSyntaxTree.ParseText(file.Value, Parse, file.Key))
                .Prepend(CSharpSyntaxTree.ParseText(global, Parse, "Usings.cs")),
            References,
            new CSharpCompilationOptions(
                kind, nullableContextOptions: NullableContextOptions.Enable).WithSpecificDiagnosticOptions([
                new("CS1701", ReportDiagnostic.Suppress),
                new("CS1702", ReportDiagnostic.Suppress),
            ])
        );
    }
}
